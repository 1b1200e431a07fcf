package connection_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	"mpbridge/connection"
	"mpbridge/interop/certs"
	"mpbridge/pickle"
)

// A server that answers each client, and a client: what the package begins with.
func Example() {
	ctx, key := context.Background(), []byte("secret")
	l, err := connection.Listen("127.0.0.1:0", &connection.ListenOptions{Authkey: key})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	go l.Serve(ctx, func(c *connection.Conn) {
		defer c.Close()
		var job any
		if err := c.Recv(ctx, &job); err == nil {
			_ = c.Send(ctx, "done")
		}
	})

	c, err := connection.Dial(ctx, l.Addr().String(), &connection.DialOptions{Authkey: key})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	err = c.Send(ctx, pickle.Tuple{"a job", 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	var reply string
	err = c.Recv(ctx, &reply)
	fmt.Println(reply, err)
	// Output: done <nil>
}

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

// A listener with a key for each of its clients knows which of them it speaks to, and can take a key away.
func ExampleKeyring() {
	ctx := context.Background()
	keys, err := connection.NewKeyring([]connection.Key{
		{Name: "worker", Secret: []byte("secret of workers")},
		{Name: "operator", Secret: []byte("secret of operators")},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	l, err := connection.Listen("127.0.0.1:0", &connection.ListenOptions{Keys: keys})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	go l.Serve(ctx, func(c *connection.Conn) {
		defer c.Close()
		_ = c.Send(ctx, "hello, "+c.KeyName())
	})
	hello := func() {
		c, err := connection.Dial(ctx, l.Addr().String(), &connection.DialOptions{Authkey: []byte("secret of operators")})
		if err != nil {
			fmt.Println(errors.Is(err, connection.ErrAuth))
			return
		}
		defer c.Close()
		var text string
		_ = c.Recv(ctx, &text)
		fmt.Println(text)
	}
	hello()
	err = keys.Replace([]connection.Key{{Name: "worker", Secret: []byte("secret of workers")}})
	if err != nil {
		fmt.Println(err)
	}
	hello()
	// Output:
	// hello, operator
	// true
}

// A trace has a line for each frame. The bytes of the handshake are masked in it.
func ExampleTracer() {
	var trace strings.Builder
	a, b, err := connection.Pipe(&connection.Options{Tracer: connection.NewTracer(&trace)})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Close()
	defer b.Close()
	_ = a.SendBytes(context.Background(), []byte("hello"))
	fmt.Print(trace.String())
	// Output: #1 > 5 68656c6c6f
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
