package tunnel_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"time"

	"mpbridge/connection"
	"mpbridge/tunnel"
)

// A tunnel for the Pythons of this machine, who cannot speak TLS, to a server that does.
func Example() {
	ctx, here, there := context.Background(), "/run/jobs.sock", "jobs.example:7443"
	config := &tls.Config{}
	clients, err := connection.Listen(here, nil)
	if err != nil {
		log.Fatal(err)
	}
	t, err := tunnel.New(clients, func(ctx context.Context) (*connection.Conn, error) {
		return connection.Dial(ctx, there, &connection.DialOptions{TLS: config})
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	go t.Serve(ctx)
	time.Sleep(time.Hour) // as long as the program runs

	grace, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cut, err := t.Shutdown(grace) // when connections have ended, or grace has
	fmt.Println(cut, err)
}

// A tunnel to a listener of the same machine. A program that ends when Serve does would cut connections
// off, so it waits for Shutdown.
func ExampleTunnel_Shutdown() {
	server, err := connection.Listen(loopback.String(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	go func() {
		_ = server.Serve(context.Background(), func(c *connection.Conn) {
			defer c.Close()
			_ = c.Send(context.Background(), "hello from the far end")
		})
	}()

	clients, err := connection.Listen(loopback.String(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := tunnel.New(clients, func(ctx context.Context) (*connection.Conn, error) {
		return connection.Dial(ctx, server.Addr().String(), nil)
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error, 1)
	go func() { served <- t.Serve(context.Background()) }()

	c, err := connection.Dial(context.Background(), t.Addr().String(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	var text string
	_ = c.Recv(context.Background(), &text)
	fmt.Println(text)
	_ = c.Close()

	grace, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cut, _ := t.Shutdown(grace)
	fmt.Println(cut, "cut off;", errors.Is(<-served, tunnel.ErrServerClosed))
	// Output:
	// hello from the far end
	// 0 cut off; true
}
