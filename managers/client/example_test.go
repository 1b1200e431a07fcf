package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"mpbridge/managers"
	"mpbridge/managers/client"
)

// A worker that takes a job from one queue of a manager, Python's or one of package server, and looks at its settings.
func Example() {
	ctx, key := context.Background(), []byte("secret")
	c, err := client.Dial(ctx, "127.0.0.1:50000", &client.Options{Authkey: key})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	jobs, err := client.OpenQueueOf[string](ctx, c, "get_jobs") // a queue of texts
	if err != nil {
		log.Fatal(err)
	}
	job, err := jobs.Get(ctx)
	if errors.Is(err, managers.ErrEmpty) {
		return
	}
	settings, err := c.OpenDict(ctx, "settings")
	if err != nil {
		log.Fatal(err)
	}
	v, err := settings.Get(ctx, "debug")
	fmt.Println(job, v, err)
}
