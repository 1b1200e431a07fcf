package client_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/server"
)

// withClient calls use with a client of a server that offers queues, dicts and locks.
func withClient(use func(context.Context, *client.Client)) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	srv, _ := server.New(&server.Options{Authkey: []byte("secret")})
	_ = srv.RegisterSyncManager()
	_ = srv.RegisterQueueFamily("get_queue", nil)
	addr, err := srv.Listen("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go srv.Serve(ctx)
	defer srv.Close()
	c, err := client.Dial(ctx, addr.String(), &client.Options{Authkey: []byte("secret")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	use(ctx, c)
}

// A queue of a manager, Python's or ours: get_queue('orders').
func ExampleOpenQueueOf() {
	withClient(func(ctx context.Context, c *client.Client) {
		q, _ := client.OpenQueueOf[string](ctx, c, "get_queue", "orders")
		_ = q.Put(ctx, "hello")
		text, _ := q.Get(ctx)
		_, err := q.TryGet(ctx)
		fmt.Println(text, errors.Is(err, managers.ErrEmpty))
	})
	// Output: hello true
}

// What a dict holds is iterated over as a Go map is.
func ExampleDict_All() {
	withClient(func(ctx context.Context, c *client.Client) {
		prices, _ := c.OpenDict(ctx, "dict", map[string]int{"tea": 3})
		_ = prices.Set(ctx, "cake", 5)
		items, failed := prices.All(ctx)
		for name, price := range items {
			fmt.Println(name, price)
		}
		fmt.Println(failed())
	})
	// Output:
	// tea 3
	// cake 5
	// <nil>
}

// An RLock is its owner's to acquire again, and nobody else's; a deadline bounds the wait.
func ExampleRLock() {
	withClient(func(ctx context.Context, c *client.Client) {
		lock, _ := c.OpenRLock(ctx, "RLock")
		fmt.Println(lock.Acquire(ctx), lock.Acquire(ctx))
		soon, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
		defer cancel()
		err := lock.WithOwner(c.NewOwner()).Acquire(soon)
		fmt.Println(errors.Is(err, context.DeadlineExceeded))
		fmt.Println(lock.Release(ctx), lock.Release(ctx))
	})
	// Output:
	// <nil> <nil>
	// true
	// <nil> <nil>
}
