package pool_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"slices"
	"time"

	"mpbridge/managers"
	"mpbridge/pool"
)

// Calls, a map, and a call that runs in the background: what the package begins with.
func Example() {
	ctx := context.Background()
	p, err := pool.New(ctx, &pool.Options{Workers: 4, Path: []string{"/srv/app"}})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Terminate()
	n, err := pool.Call[int](ctx, p, "math:factorial", 20)
	fmt.Println(n, err)
	roots, err := pool.Map[float64](ctx, p, "math:sqrt", []int{1, 4, 9}, nil)
	fmt.Println(roots, err)
	result := p.With(&pool.CallOptions{Timeout: time.Minute}).Go(ctx, "tasks:train", pool.Kwargs{"rounds": 5})
	err = result.Wait(ctx)
	fmt.Println(err)
	p.Close() // no new calls; Join waits for those that there are
	err = p.Join(ctx)
	fmt.Println(err)
}

// Every item has its result, or its error, in the order of the items.
func ExampleMap() {
	ctx := context.Background()
	p, err := pool.New(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer p.Terminate()
	lengths, err := pool.Map[int](ctx, p, "builtins:len", []string{"a", "bb", "ccc"}, &pool.MapOptions{Chunk: 2})
	var item *pool.ItemError
	if errors.As(err, &item) {
		fmt.Println("item", item.Index, "failed:", item)
		return
	}
	fmt.Println(lengths)
}

// StarMap calls a function with the items as its arguments.
func ExampleStarMap() {
	ctx := context.Background()
	p, err := pool.New(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer p.Terminate()
	powers, err := pool.StarMap[int](ctx, p, "builtins:pow", [][]int{{2, 10}, {3, 4}}, nil)
	fmt.Println(powers, err)
}

// Calls that come one after the other, from a channel, are answered in their order while the channel is open.
func ExampleIMapChan() {
	ctx := context.Background()
	p, err := pool.New(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer p.Terminate()
	calls := make(chan pool.Arguments)
	go func() {
		defer close(calls)
		calls <- pool.Arguments{Args: []any{"3.5"}}
		calls <- pool.Arguments{Args: []any{"no number"}}
	}()
	for v, err := range pool.IMapChan[float64](ctx, p, "builtins:float", calls, nil) {
		fmt.Println(v, err) // the second is a *pool.ItemError
	}
}

// A pool with an environment of its own, whose workers begin by connecting to a database and end after a thousand tasks.
func ExampleNew() {
	ctx := context.Background()
	p, err := pool.New(ctx, &pool.Options{
		Venv:        "/srv/app/venv",
		Path:        []string{"/srv/app"},
		Workers:     8,
		Initializer: "app.tasks:connect", InitArgs: []any{"db.example"},
		MaxTasksPerChild: 1000,
		TaskTimeout:      time.Minute,
		Logger:           slog.Default(),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Terminate()
	report, err := pool.Call[map[string]float64](ctx, p, "app.tasks:report", "2024",
		pool.Kwargs{"detail": true})
	fmt.Println(report, err)
	p.Close()
	fmt.Println(p.Join(ctx))
}

// What Python raised, and what has become of a worker that died, are errors of different types.
func ExampleCall_errors() {
	ctx := context.Background()
	p, err := pool.New(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer p.Terminate()
	_, err = pool.Call[float64](ctx, p, "math:sqrt", -1)
	var remote *pool.TaskError
	var dead *pool.WorkerError
	switch {
	case errors.As(err, &remote) && errors.Is(err, managers.ErrValueError):
		fmt.Println(remote.Exception.Args, remote.Traceback)
	case errors.As(err, &dead):
		fmt.Println(dead.Exit, dead.Stderr)
	}
}

// IMap takes items from an iterator as workers become free, and yields results as they come, in the order of the items.
func ExampleIMap() {
	ctx := context.Background()
	p, err := pool.New(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer p.Terminate()
	words := slices.Values([]string{"b", "a", "c"})
	for text, err := range pool.IMap[string](ctx, p, "builtins:repr", words, nil) {
		fmt.Println(text, err)
	}
}

// Go starts a call and returns at once.
func ExamplePool_Go() {
	ctx := context.Background()
	p, err := pool.New(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer p.Terminate()
	r := p.Go(ctx, "time:sleep", 0.1)
	select {
	case <-r.Done():
		fmt.Println(r.Wait(ctx))
	case <-time.After(time.Second):
		r.Cancel()
	}
}
