package queue_test

import (
	"context"
	"fmt"

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
