package queue_test

import (
	"context"
	"fmt"
	"time"

	"mpbridge/managers/queue"
)

// A queue without a server is a queue of this program alone.
func Example() {
	ctx := context.Background()
	q, err := queue.New(&queue.Options{MaxSize: 100})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = q.Put(ctx, "job") // waits for room until ctx ends
	if err != nil {
		fmt.Println(err)
		return
	}
	for job, err := range queue.Of[string](q).All(ctx) {
		fmt.Println(job, err)
		break
	}
	// Output: job <nil>
}

// A priority queue gives the smallest item first.
func ExampleNew() {
	ctx := context.Background()
	q, err := queue.New(&queue.Options{Order: queue.Priority})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = q.Put(ctx, 2)
	_ = q.Put(ctx, 1)
	item, _ := q.Get(ctx)
	var n int
	_ = item.Unmarshal(&n)
	fmt.Println(n, q.Len())
	// Output: 1 1
}

// An item that is leased comes back until somebody acknowledges it.
func ExampleQueue_Lease() {
	ctx := context.Background()
	q, err := queue.New(&queue.Options{Lease: time.Minute})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = q.Put(ctx, "job")
	first, _ := q.Lease(ctx)
	_, _ = first.Nack(ctx, 0) // it could not be done now
	second, _ := q.Lease(ctx)
	_, _ = second.Ack(ctx)
	var job string
	_ = second.Raw.Unmarshal(&job)
	fmt.Println(job, second.Deliveries, q.Len())
	// Output: job 2 0
}

func ExampleOf() {
	ctx := context.Background()
	q, _ := queue.New(&queue.Options{MaxSize: 10}) // or Server.RegisterQueue
	jobs := queue.Of[string](q)
	_ = jobs.Put(ctx, "a")
	_ = jobs.Put(ctx, "b")
	jobs.Shutdown(false)
	for job, err := range jobs.All(ctx) {
		if err != nil {
			return
		}
		fmt.Println(job)
	}
	// Output:
	// a
	// b
}
