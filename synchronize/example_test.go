//go:build linux && (amd64 || arm64)

package synchronize_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"mpbridge/pickle"
	"mpbridge/synchronize"
)

func ExampleNewLock() {
	lock, err := synchronize.NewLock(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer lock.Close()
	defer lock.Unlink()

	// What pickle.loads makes of this in a Python is a multiprocessing.synchronize.Lock.
	data, err := pickle.Marshal(lock)
	if err != nil {
		log.Fatal(err)
	}
	var v any
	if err := pickle.Unmarshal(data, &v); err != nil {
		log.Fatal(err)
	}
	fmt.Println(v.(*pickle.Object).Class)
	// Output: multiprocessing.synchronize.Lock
}

func ExampleLock() {
	lock, err := synchronize.NewLock(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer lock.Close()
	defer lock.Unlink()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	fmt.Println(lock.Acquire(ctx), lock.Locked())
	fmt.Println(lock.Acquire(ctx))
	fmt.Println(lock.Release())
	fmt.Println(lock.Release())
	// Output:
	// <nil> true
	// context deadline exceeded
	// <nil>
	// synchronize: semaphore or lock released too many times
}

func ExampleRLock() {
	lock, err := synchronize.NewRLock(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer lock.Close()
	defer lock.Unlink()

	ctx, me := context.Background(), synchronize.NewOwner()
	fmt.Println(lock.Acquire(ctx, me), lock.Acquire(ctx, me))
	fmt.Println(lock.TryAcquire(synchronize.NewOwner()))
	fmt.Println(lock.Release(me), lock.Locked(), lock.Release(me), lock.Locked())
	// Output:
	// <nil> <nil>
	// false
	// <nil> true <nil> false
}

func ExampleEvent() {
	ready, err := synchronize.NewEvent(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer ready.Close()
	defer ready.Unlink()

	ctx := context.Background()
	go func() {
		if err := ready.Set(ctx); err != nil {
			log.Print(err)
		}
	}()
	fmt.Println(ready.Wait(ctx))
	// Output: <nil>
}

func ExampleCondition_Notify() {
	// Those who wait are our own children, so that we know when they are gone.
	died := 0
	c, err := synchronize.NewCondition(nil, &synchronize.Options{
		Patience: time.Second,
		Gone:     func(missing int) int { return died },
	})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	defer c.Unlink()

	ctx, me := context.Background(), synchronize.NewOwner()
	if err := c.Acquire(ctx, me); err != nil {
		log.Fatal(err)
	}
	err = c.Notify(ctx, me, 1)
	var silent *synchronize.SilentError
	if errors.As(err, &silent) {
		fmt.Println("stopped, or dead without our knowing:", silent.Missing)
	}
	fmt.Println(err, c.Release(me))
	// Output: <nil> <nil>
}

func ExampleUnpickler() {
	event, err := synchronize.NewEvent(nil) // stands for one of Python's
	if err != nil {
		log.Fatal(err)
	}
	defer event.Close()
	defer event.Unlink()
	data, err := pickle.Marshal(pickle.Tuple{"started", event})
	if err != nil {
		log.Fatal(err)
	}

	var args any
	if err := pickle.Unmarshal(data, &args); err != nil {
		log.Fatal(err)
	}
	var u synchronize.Unpickler
	defer u.Close()
	for _, v := range args.(pickle.Tuple) {
		if !u.Knows(v) {
			fmt.Println(v)
			continue
		}
		x, err := u.Object(v)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%T\n", x)
	}
	// Output:
	// started
	// *synchronize.Event
}
