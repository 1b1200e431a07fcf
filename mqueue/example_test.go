//go:build linux

package mqueue_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"mpbridge/mqueue"
)

// Python's side is q = posix_ipc.MessageQueue('/jobs-…') with q.receive() and q.send(b'done', priority=1).
func Example() {
	ctx := context.Background()
	name := fmt.Sprintf("/jobs-%d", os.Getpid())
	q, err := mqueue.Create(name, &mqueue.CreateOptions{MaxMessages: 10, MaxMessageSize: 1024})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer mqueue.Unlink(name) // it would outlive all processes
	defer q.Close()

	_ = q.Send(ctx, []byte("first"), 0)
	_ = q.Send(ctx, []byte("urgent"), 9)
	for range 2 {
		message, priority, err := q.Receive(ctx)
		fmt.Println(string(message), priority, err)
	}
	// Output:
	// urgent 9 <nil>
	// first 0 <nil>
}

// A wait ends with its context.
func ExampleQueue_Receive() {
	name := fmt.Sprintf("/quiet-%d", os.Getpid())
	q, err := mqueue.Create(name, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer mqueue.Unlink(name)
	defer q.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	_, _, err = q.Receive(ctx)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output: true
}

// What is beyond a limit says which.
func ExampleLimitError() {
	_, err := mqueue.Create("/too-large", &mqueue.CreateOptions{MaxMessages: 1 << 20})
	var limit *mqueue.LimitError
	fmt.Println(errors.As(err, &limit), limit.What, limit.Got)
	// Output: true messages (fs.mqueue.msg_max) 1048576
}
