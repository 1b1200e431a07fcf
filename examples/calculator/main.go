// A Go program that offers a value of its own to stock Python clients.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"mpbridge/managers/server"
)

// Calculator is what the clients call.
type Calculator struct{}

// AddAll is add_all of the clients.
func (c *Calculator) AddAll(ctx context.Context, xs ...int) (int, error) {
	sum := 0
	for _, x := range xs {
		sum += x
	}
	return sum, ctx.Err()
}

func main() {
	address := "127.0.0.1:5000"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	log.Fatal(run(context.Background(), address))
}

func run(ctx context.Context, address string) error {
	srv, err := server.New(&server.Options{Authkey: authkey()})
	if err != nil {
		return err
	}
	if err := srv.Register("get_calculator", &Calculator{}, nil); err != nil {
		return err
	}
	addr, err := srv.Listen(address)
	if err != nil {
		return err
	}
	fmt.Println("ready", addr)
	return srv.Serve(ctx)
}

func authkey() []byte {
	if key := os.Getenv("MPBRIDGE_AUTHKEY"); key != "" {
		return []byte(key)
	}
	return []byte("abc")
}
