//go:build linux && (amd64 || arm64)

package sharedmem_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"mpbridge/pickle"
	"mpbridge/sharedmem"
	"mpbridge/synchronize"
)

func ExampleCreate() {
	segment, err := sharedmem.Create("", 1<<20, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer segment.Close()
	defer segment.Unlink()

	// In Python: shm = SharedMemory(name); bytes(shm.buf[:5])
	if _, err := segment.WriteAt([]byte("hello"), 0); err != nil {
		log.Fatal(err)
	}
	other, err := sharedmem.Attach(segment.Name(), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer other.Close()
	text := make([]byte, 5)
	if _, err := other.ReadAt(text, 0); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", text)
	// Output: hello
}

func ExampleNewShareableList() {
	list, err := sharedmem.NewShareableList([]any{"waiting", 0, 0.0, nil}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer list.SharedMemory().Close()
	defer list.SharedMemory().Unlink()

	// In Python: ShareableList(name=name)[1] += 1
	if err := list.Set(1, 1); err != nil {
		log.Fatal(err)
	}
	n, err := sharedmem.ItemAs[int](list, 1)
	fmt.Println(n, err)
	err = list.Set(0, "longer than its room")
	fmt.Println(errors.Is(err, sharedmem.ErrTooLong))
	// Output:
	// 1 <nil>
	// true
}

// A Value goes to a child that stands in for one of Python's: what is pickled becomes a multiprocessing.Value there.
func ExamplePickler() {
	ctx := context.Background()
	arena, err := sharedmem.NewArena(4096)
	if err != nil {
		log.Fatal(err)
	}
	defer arena.Close()
	lock, err := synchronize.NewLock(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer lock.Close()
	defer lock.Unlink()
	raw, err := sharedmem.NewRawValue[int32](arena, 41)
	if err != nil {
		log.Fatal(err)
	}
	counter := sharedmem.NewValue(raw, lock)

	const inChild = 3 // the first of exec.Cmd's ExtraFiles
	locks := new(synchronize.Pickler)
	p := &sharedmem.Pickler{
		Duplicate: func(*os.File) (any, error) { return sharedmem.InheritedFd(inChild), nil },
		Lock:      func(lock any) (any, error) { return locks.Object(lock) },
	}
	object, err := p.Object(counter)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := pickle.Marshal(object); err != nil {
		log.Fatal(err)
	}

	n, err := counter.Update(ctx, func(n int32) int32 { return n + 1 })
	fmt.Println(n, err, object.Class)
	// Output: 42 <nil> multiprocessing.sharedctypes.synchronized
}

func ExampleTracker() {
	tracker, err := sharedmem.NewTracker()
	if err != nil {
		log.Fatal(err)
	}
	defer tracker.Close()
	segment, err := sharedmem.Create("", 1, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer segment.Close()
	tracker.Give(segment)

	// A child inherits tracker.File(), says that it attached, and ends.
	child := sharedmem.NewTrackerClient(tracker.File())
	if err := child.Register(segment.Resource()); err != nil {
		log.Fatal(err)
	}
	if err := tracker.Wait(context.Background()); err != nil {
		log.Fatal(err)
	}
	_, err = sharedmem.Attach(segment.Name(), nil)
	fmt.Println(err != nil, len(tracker.Left()))
	// Output: true 1
}

func ExampleNewLargeItem() {
	image := make([]byte, 1<<20)
	item, err := sharedmem.NewLargeItem(map[string]any{"id": 7, "image": image}, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer item.SharedMemory().Close()
	defer item.SharedMemory().Unlink() // when all readers are done

	pickled, err := pickle.Marshal(item) // as queue.Put does
	if err != nil {
		log.Fatal(err)
	}
	got, err := pickle.ParseRaw(pickled) // as queue.GetRaw does
	if err != nil {
		log.Fatal(err)
	}
	var value struct {
		ID    int    `pickle:"id"`
		Image []byte `pickle:"image"`
	}
	if err := sharedmem.LoadLargeItem(got, &value, nil); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(pickled) < 100, value.ID, len(value.Image))
	// Output: true 7 1048576
}
