package connection_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"mpbridge/connection"
	"mpbridge/interop/certs"
)

// A listener as multiprocessing.connection.Listener, and a client as Client.
func ExampleListen() {
	l, err := connection.Listen("127.0.0.1:0",
		&connection.ListenOptions{Authkey: []byte("secret")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	go func() {
		c, err := l.Accept(context.Background())
		if err != nil {
			return
		}
		defer c.Close()
		_ = c.Send(context.Background(), []any{"hello", 1})
	}()

	c, err := connection.Dial(context.Background(), l.Addr().String(),
		&connection.DialOptions{Authkey: []byte("secret")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	var v any
	_ = c.Recv(context.Background(), &v)
	fmt.Println(v)
	// Output: ['hello', 1]
}

// Go programs can put TLS under their connections. Both show a certificate here; the authkey is asked for
// as well.
func ExampleDial_tls() {
	ca, _ := certs.NewAuthority("an authority of your own")
	here, _ := ca.Issue("server", time.Now().Add(time.Hour))
	there, _ := ca.Issue("client", time.Now().Add(time.Hour))

	l, err := connection.Listen("127.0.0.1:0",
		&connection.ListenOptions{Authkey: []byte("secret"), TLS: &tls.Config{
			Certificates: []tls.Certificate{here},
			ClientCAs:    ca.Pool(), ClientAuth: tls.RequireAndVerifyClientCert,
		}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	go func() {
		c, err := l.Accept(context.Background())
		if err != nil {
			return
		}
		defer c.Close()
		state, _ := c.ConnectionState()
		_ = c.Send(context.Background(), "hello, "+state.PeerCertificates[0].Subject.CommonName)
	}()

	c, err := connection.Dial(context.Background(), l.Addr().String(), &connection.DialOptions{
		Authkey: []byte("secret"),
		TLS:     &tls.Config{Certificates: []tls.Certificate{there}, RootCAs: ca.Pool()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	var v any
	_ = c.Recv(context.Background(), &v)
	fmt.Println(v)
	// Output: hello, client
}

// Dial fails with ErrAuth where the keys differ, and ends with its context where nobody answers.
func ExampleDial() {
	_, err := connection.Dial(context.Background(), "/nowhere",
		&connection.DialOptions{Authkey: []byte("secret")})
	fmt.Println(err != nil)
	// Output: true
}

// A server that ends only when its last reply has been sent.
func ExampleListener_Shutdown() {
	l, err := connection.Listen("127.0.0.1:0",
		&connection.ListenOptions{Authkey: []byte("secret")})
	if err != nil {
		fmt.Println(err)
		return
	}
	asked := make(chan struct{})
	served := make(chan error, 1)
	go func() {
		served <- l.Serve(context.Background(), func(c *connection.Conn) {
			defer c.Close()
			var n int
			_ = c.Recv(context.Background(), &n)
			close(asked)
			_ = c.Send(context.Background(), n*n)
		})
	}()

	c, err := connection.Dial(context.Background(), l.Addr().String(),
		&connection.DialOptions{Authkey: []byte("secret")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	_ = c.Send(context.Background(), 12)
	<-asked
	_ = l.Shutdown(context.Background()) // the reply is on its way: this waits for it
	fmt.Println(errors.Is(<-served, connection.ErrServerClosed))
	var square int
	_ = c.Recv(context.Background(), &square)
	fmt.Println(square)
	// Output:
	// true
	// 144
}

// Two ends in one process, as of multiprocessing.Pipe().
func ExampleConn() {
	a, b, err := connection.Pipe(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Close()
	defer b.Close()
	go func() { _ = a.Send(context.Background(), map[string]int{"answer": 42}) }()
	var got map[string]int
	if err := b.Recv(context.Background(), &got); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(got["answer"])
	// Output: 42
}
