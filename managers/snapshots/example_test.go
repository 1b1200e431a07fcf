package snapshots_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"mpbridge/managers/queue"
	"mpbridge/managers/server"
	"mpbridge/managers/snapshots"
)

// What one server saves at its end the next one takes over.
func ExampleStore() {
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "jobs.state")
	run := func(use func(*queue.Queue)) error {
		ctx := context.Background()
		srv, err := server.New(&server.Options{Authkey: []byte("secret")})
		if err != nil {
			return err
		}
		defer srv.Close()
		jobs, err := srv.RegisterQueue("jobs", nil)
		if err != nil {
			return err
		}
		store, err := snapshots.Open(ctx, path, nil)
		if err != nil {
			return err
		}
		defer store.Close()
		if _, err := store.Load(srv); err != nil {
			return err
		}
		use(jobs) // listen, serve, shut down
		_, err = store.SaveLast(ctx, srv)
		return err
	}
	first := run(func(jobs *queue.Queue) { _ = jobs.Put(context.Background(), "job") })
	second := run(func(jobs *queue.Queue) { fmt.Println("items:", jobs.Len()) })
	fmt.Println(first, second)
	// Output:
	// items: 1
	// <nil> <nil>
}
