//go:build linux && (amd64 || arm64)

package sysv_test

import (
	"context"
	"fmt"

	"mpbridge/sysv"
)

// Python's side is q = sysv_ipc.MessageQueue(key) with q.receive(type=2) and q.send(b'done', type=1); both make the key
// by ftok.
func Example() {
	ctx := context.Background()
	q, err := sysv.CreateMessageQueue(sysv.Private, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer q.Remove() // it would outlive all processes

	_ = q.Send(ctx, 1, []byte("a job"))
	_ = q.Send(ctx, 2, []byte("the end"))
	message, kind, err := q.Receive(ctx, 2)
	fmt.Println(string(message), kind, err)
	message, kind, err = q.Receive(ctx, 0) // any kind
	fmt.Println(string(message), kind, err)
	// Output:
	// the end 2 <nil>
	// a job 1 <nil>
}

// A lock that is free again when the process that holds it dies: in Python, sysv_ipc.Semaphore(key) with
// semaphore.undo = True.
func ExampleSemaphores() {
	ctx := context.Background()
	lock, err := sysv.CreateSemaphores(sysv.Private, []int{1}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer lock.Remove()

	lock.Undo = true
	_ = lock.Acquire(ctx)
	fmt.Println(lock.TryAcquire() != nil)
	_ = lock.Release()
	fmt.Println(lock.TryAcquire())
	// Output:
	// true
	// <nil>
}

// The memory is free when all have detached it and it was removed.
func ExampleSharedMemory() {
	memory, err := sysv.CreateSharedMemory(sysv.Private, 1<<20, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	attached, err := memory.Attach()
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = memory.Remove() // once all have attached it: nothing stays, whoever dies
	defer attached.Detach()
	fmt.Println(copy(attached.Bytes(), "hello"), len(attached.Bytes()))
	// Output: 5 1048576
}
