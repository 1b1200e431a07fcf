package server_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"mpbridge/connection"
	"mpbridge/managers/client"
	"mpbridge/managers/server"
	"mpbridge/pickle"
)

// benchServer serves get_queue on a unix socket.
func benchServer(b *testing.B) connection.Address {
	b.Helper()
	s, err := server.New(&server.Options{Authkey: key})
	if err != nil {
		b.Fatal(err)
	}
	if err := s.RegisterQueueFamily("get_queue", nil); err != nil {
		b.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "mp")
	if err != nil {
		b.Fatal(err)
	}
	at, err := s.Listen(filepath.Join(dir, "s"))
	if err != nil {
		b.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		_ = s.Serve(context.Background())
		close(served)
	}()
	b.Cleanup(func() {
		_ = s.Close()
		<-served
		_ = os.RemoveAll(dir)
	})
	return at
}

func benchClient(b *testing.B, at connection.Address) *client.Client {
	b.Helper()
	c, err := client.Dial(context.Background(), at.String(), &client.Options{Authkey: key})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	return c
}

// BenchmarkPutGet sends ready-made requests, so that what it allocates is the server's.
func BenchmarkPutGet(b *testing.B) {
	at := benchServer(b)
	q, err := benchClient(b, at).OpenQueue(context.Background(), "get_queue")
	if err != nil {
		b.Fatal(err)
	}
	message := func(method string, args ...any) []byte {
		doc, err := pickle.Marshal(pickle.Tuple{q.Token().Ident, method, pickle.Tuple(args), pickle.NewDict()})
		if err != nil {
			b.Fatal(err)
		}
		return doc
	}
	first, err := pickle.Marshal(pickle.Tuple{nil, "accept_connection", pickle.Tuple{"b"}, pickle.NewDict()})
	if err != nil {
		b.Fatal(err)
	}
	conn, err := connection.Dial(context.Background(), at.String(), &connection.DialOptions{
		Options: connection.Options{ReadBuffer: 1024}, Authkey: key, FirstMessage: [][]byte{first}})
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	buf := make([]byte, 1024)
	if _, err := conn.Transport().RecvInto(context.Background(), buf, 0); err != nil {
		b.Fatal(err)
	}
	put, get := message("put", "an item of a few bytes"), message("get")
	b.ReportAllocs()
	for b.Loop() {
		for _, m := range [][]byte{put, get} {
			if err := conn.SendBytes(context.Background(), m); err != nil {
				b.Fatal(err)
			}
			if _, err := conn.Transport().RecvInto(context.Background(), buf, 0); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkProxy makes a proxy and lets it go: two connections, each authenticated.
func BenchmarkProxy(b *testing.B) {
	c := benchClient(b, benchServer(b))
	for b.Loop() {
		p, err := c.Open(context.Background(), "get_queue")
		if err != nil {
			b.Fatal(err)
		}
		if err := p.Close(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
