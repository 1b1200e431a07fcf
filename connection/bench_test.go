package connection_test

import (
	"context"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"mpbridge/connection"
)

// BenchmarkHandshake connects, authenticates both ways and closes.
func BenchmarkHandshake(b *testing.B) {
	for name, a := range addresses(b) {
		b.Run(name, func(b *testing.B) {
			l := mustListen(b, a, &connection.ListenOptions{Authkey: []byte("key"),
				Options: connection.Options{ReadBuffer: 1024}})
			go func() {
				_ = l.Serve(context.Background(), func(c *connection.Conn) { _, _ = c.RecvBytes(context.Background()); _ = c.Close() })
			}()
			o := &connection.DialOptions{Authkey: []byte("key"), KeepAlive: -1}
			b.ReportAllocs()
			for b.Loop() {
				c, err := connection.Dial(context.Background(), l.Addr().String(), o)
				if err != nil {
					b.Fatal(err)
				}
				_ = c.Close()
			}
		})
	}
}

// BenchmarkRefusal is a handshake with the wrong key.
func BenchmarkRefusal(b *testing.B) {
	l := mustListen(b, loopback, &connection.ListenOptions{Authkey: []byte("key")})
	go func() { _, _ = l.Accept(context.Background()) }()
	for b.Loop() {
		_, err := connection.Dial(context.Background(), l.Addr().String(),
			&connection.DialOptions{Authkey: []byte("wrong")})
		require.ErrorIs(b, err, connection.ErrAuth)
	}
}

var roundTrips = map[string]int{"100B": 100, "16K": 16384, "64K": 65536, "1M": 1 << 20}

// BenchmarkRoundTrip sends a message there and back.
func BenchmarkRoundTrip(b *testing.B) {
	for network, a := range addresses(b) {
		for name, size := range roundTrips {
			b.Run(network+"/"+name, func(b *testing.B) {
				o := connection.Options{ReadBuffer: 1024}
				l := mustListen(b, a, &connection.ListenOptions{Options: o})
				go func() { _ = l.Serve(context.Background(), echo) }()
				c, err := connection.Dial(context.Background(), l.Addr().String(),
					&connection.DialOptions{Options: o})
				require.NoError(b, err)
				defer c.Close()
				msg, buf := make([]byte, size), make([]byte, size)
				b.SetBytes(int64(2 * size))
				b.ReportAllocs()
				for b.Loop() {
					if err := c.SendBytes(context.Background(), msg); err != nil {
						b.Fatal(err)
					}
					if buf, err = c.Transport().RecvInto(context.Background(), buf, 0); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func echo(c *connection.Conn) {
	defer c.Close()
	var buf []byte
	var err error
	for {
		if buf, err = c.Transport().RecvInto(context.Background(), buf, 0); err != nil {
			return
		}
		if err = c.SendBytes(context.Background(), buf); err != nil {
			return
		}
	}
}

// BenchmarkRawRoundTrip is the same over the socket alone: what BenchmarkRoundTrip cannot beat.
func BenchmarkRawRoundTrip(b *testing.B) {
	for network, a := range addresses(b) {
		for name, size := range roundTrips {
			b.Run(network+"/"+name, func(b *testing.B) {
				address := a.Name
				if network == "tcp" {
					address += ":0"
				}
				l, err := net.Listen(a.Network, address)
				require.NoError(b, err)
				defer l.Close()
				go rawEcho(l, size)
				nc, err := net.Dial(a.Network, l.Addr().String())
				require.NoError(b, err)
				defer nc.Close()
				msg := make([]byte, size)
				b.SetBytes(int64(2 * size))
				for b.Loop() {
					_, _ = nc.Write(msg)
					if _, err := io.ReadFull(nc, msg); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func rawEcho(l net.Listener, size int) {
	nc, err := l.Accept()
	if err != nil {
		return
	}
	defer nc.Close()
	buf := make([]byte, size)
	for {
		if _, err := io.ReadFull(nc, buf); err != nil {
			return
		}
		if _, err := nc.Write(buf); err != nil {
			return
		}
	}
}
