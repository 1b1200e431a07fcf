// A Go worker that joins a stock Python manager.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"mpbridge/connection"
	"mpbridge/managers/client"
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
	manager, err := client.Dial(ctx, address, &client.Options{Authkey: authkey()})
	if err != nil {
		return err
	}
	defer manager.Close()
	tasks, err := client.OpenQueueOf[int](ctx, manager, "get_task_queue")
	if err != nil {
		return err
	}
	results, err := client.OpenQueueOf[string](ctx, manager, "get_result_queue")
	if err != nil {
		return err
	}
	for {
		patience, cancel := context.WithTimeout(ctx, time.Second)
		n, err := tasks.Get(patience)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) || connection.IsDisconnect(err) {
			fmt.Println("worker exit.")
			return nil
		} else if err != nil {
			return err
		}
		fmt.Printf("run task %d * %d...\n", n, n)
		if err := results.Put(ctx, fmt.Sprintf("%d * %d = %d", n, n, n*n)); err != nil {
			return err
		}
	}
}

func authkey() []byte {
	if key := os.Getenv("MPBRIDGE_AUTHKEY"); key != "" {
		return []byte(key)
	}
	return []byte("abc")
}
