//go:build amd64 || arm64

package queues_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"time"

	"mpbridge/pickle"
	"mpbridge/queues"
)

func ExampleQueue() {
	ctx := context.Background()
	q, err := queues.NewQueue(2, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer q.Close()
	fmt.Println(q.Put(ctx, "one"), q.Put(ctx, 2), q.TryPut("three"))
	fmt.Println(q.Qsize(), q.Full())

	item, err := q.Get(ctx)
	if err != nil {
		log.Fatal(err)
	}
	var text string
	fmt.Println(item.Unmarshal(&text), text)
	// Output:
	// <nil> <nil> queues: full
	// 2 true
	// <nil> one
}

// A get that should not take for ever has a context that ends.
func ExampleQueue_Get() {
	q, err := queues.NewQueue(0, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer q.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	_, err = q.Get(ctx)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	_, err = q.TryGet()
	fmt.Println(errors.Is(err, queues.ErrEmpty))
	// Output:
	// true
	// true
}

func ExampleOf() {
	ctx := context.Background()
	q, err := queues.NewSimpleQueue(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer q.Close()
	type job struct {
		File string `pickle:"file"`
		Size int    `pickle:"size"`
	}
	jobs := queues.Of[job](q) // dicts in Python
	if err := jobs.Put(ctx, job{"a.png", 100}); err != nil {
		log.Fatal(err)
	}
	q.CloseWriter() // nobody else can put: the queue ends
	for j, err := range jobs.All(ctx) {
		fmt.Println(j.File, j.Size, err)
	}
	// Output: a.png 100 <nil>
}

func ExampleJoinableQueue() {
	ctx := context.Background()
	q, err := queues.NewJoinableQueue(0, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer q.Close()
	if err := q.Put(ctx, "work"); err != nil {
		log.Fatal(err)
	}
	go func() {
		if _, err := q.Get(ctx); err == nil {
			err = q.TaskDone(ctx)
		}
	}()
	fmt.Println(q.Join(ctx), q.Unfinished())
	// Output: <nil> 0
}

func ExamplePipe() {
	ctx := context.Background()
	a, b, err := queues.Pipe(true, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer a.Close()
	defer b.Close()
	if err := a.Send(ctx, pickle.Tuple{"task", 1}); err != nil {
		log.Fatal(err)
	}
	var got any
	fmt.Println(b.Recv(ctx, &got), got)
	// Output: <nil> ('task', 1)
}

// user is what a Python does with a queue that it is started with.
const user = `
import pickle, sys
q = pickle.load(sys.stdin.buffer)  # a multiprocessing.queues.Queue
print(q.get(), q.get())
`

// A Python that this program starts gets a queue. Package spawn does this, and more: the function that Python calls, and its
// other arguments.
func ExamplePickler() {
	ctx := context.Background()
	q, err := queues.NewQueue(0, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer q.Close()
	cmd := exec.Command("python3", "-c", user)
	p := queues.Pickler{Duplicate: func(f *os.File) (int, error) {
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
		return 2 + len(cmd.ExtraFiles), nil // its number there
	}}
	object, err := p.Object(q)
	if err != nil {
		log.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		log.Fatal(err)
	}
	cmd.Stdout = os.Stdout
	err = cmd.Start()
	for _, f := range cmd.ExtraFiles {
		_ = f.Close()
	}
	if err != nil {
		log.Fatal(err)
	}
	data, err := pickle.Marshal(object)
	if err != nil {
		log.Fatal(err)
	}
	_, _ = in.Write(data)
	_ = in.Close()
	_ = q.Put(ctx, "hello")
	_ = q.Put(ctx, []int{1, 2})
	_ = cmd.Wait()
}
