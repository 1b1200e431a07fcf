// A Go service that gives work to stock Python workers.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"mpbridge/managers/server"
)

func main() {
	address := "127.0.0.1:5000"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	if err := run(context.Background(), address); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, address string) error {
	srv, err := server.New(&server.Options{Authkey: authkey()})
	if err != nil {
		return err
	}
	tasks, err := srv.RegisterQueue("get_task_queue", nil)
	if err != nil {
		return err
	}
	results, err := srv.RegisterQueue("get_result_queue", nil)
	if err != nil {
		return err
	}
	addr, err := srv.Listen(address)
	if err != nil {
		return err
	}
	fmt.Println("ready", addr)
	go func() { _ = srv.Serve(ctx) }() // until Shutdown

	for n := 1; n <= 10; n++ {
		fmt.Printf("Put task %d...\n", n)
		if err := tasks.Put(ctx, n); err != nil {
			return err
		}
	}
	for range 10 {
		item, err := results.Get(ctx)
		if err != nil {
			return err
		}
		var square string
		if err := item.Unmarshal(&square); err != nil {
			return err
		}
		fmt.Println("Result:", square)
	}
	return stop(srv)
}

// stop lets the workers leave, who give up after a second without work, and ends the server.
func stop(srv *server.Server) error {
	grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for srv.Stats().Connections > 0 && grace.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	_, err := srv.Shutdown(grace)
	return err
}

func authkey() []byte {
	if key := os.Getenv("MPBRIDGE_AUTHKEY"); key != "" {
		return []byte(key)
	}
	return []byte("abc")
}
