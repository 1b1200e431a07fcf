package connection_test

import (
	"bytes"
	"context"
	"net"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/internal/testing/testwait"
)

// failures are how code of the program's may fail.
var failures = map[string]func(){"panics": func() { panic("hook") }, "exits": runtime.Goexit}

func TestAHandlerThatPanicsEndsItsConnectionAlone(t *testing.T) {
	l := mustListen(t, loopback, &connection.ListenOptions{Authkey: []byte("key")})
	go func() { _ = l.Serve(context.Background(), func(*connection.Conn) { panic("handler") }) }()
	for range 2 {
		c, err := connection.Dial(testwait.Soon(t), l.Addr().String(), &connection.DialOptions{Authkey: []byte("key")})
		require.NoError(t, err)
		_, err = c.RecvBytes(testwait.Soon(t))
		assert.True(t, connection.IsDisconnect(err), "%v", err)
		require.NoError(t, c.Close())
	}
}

func TestAnOnRefusedThatFailsKeepsNobodyFromClosing(t *testing.T) {
	for how, fail := range failures {
		t.Run(how, func(t *testing.T) {
			l := mustListen(t, loopback, &connection.ListenOptions{Authkey: []byte("key"),
				OnRefused: func(net.Addr, error) { fail() }})
			go func() { _, _ = l.Accept(context.Background()) }()
			_, err := connection.Dial(testwait.Soon(t), l.Addr().String(), &connection.DialOptions{Authkey: []byte("another")})
			require.ErrorIs(t, err, connection.ErrAuth)
			closed := make(chan error)
			go func() { closed <- l.Close() }()
			select {
			case err := <-closed:
				require.NoError(t, err)
			case <-testwait.Soon(t).Done():
				require.Fail(t, "it waits for ever")
			}
		})
	}
}

// failingWriter writes one line and then fails.
type failingWriter struct {
	bytes.Buffer
	fail func()
}

func (f *failingWriter) Write(p []byte) (int, error) {
	if f.Len() > 0 {
		f.fail()
	}
	return f.Buffer.Write(p)
}

func TestAWriterOfATracerThatFailsEndsTheTraceAlone(t *testing.T) {
	for how, fail := range failures {
		t.Run(how, func(t *testing.T) {
			trace := &failingWriter{fail: fail}
			l := mustListen(t, loopback, &connection.ListenOptions{Authkey: []byte("key"),
				Options: connection.Options{Tracer: connection.NewTracer(trace)}})
			go func() {
				_ = l.Serve(context.Background(), func(c *connection.Conn) { _ = c.SendBytes(context.Background(), []byte("hello")); _ = c.Close() })
			}()
			c, err := connection.Dial(testwait.Soon(t), l.Addr().String(), &connection.DialOptions{Authkey: []byte("key")})
			require.NoError(t, err)
			defer c.Close()
			text, err := c.RecvBytes(testwait.Soon(t))
			require.NoError(t, err)
			assert.Equal(t, "hello", string(text))
			assert.Equal(t, "#1 > 59 #CHALLENGE#{sha256} and 40 masked\n", trace.String())
		})
	}
}
