package connection_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"testing"

	"mpbridge/connection"
	"mpbridge/internal/peerlog/logtest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFloodOfRefusedPeersIsNoFloodOfLogLines(t *testing.T) {
	var book bytes.Buffer // the Listener is closed before it is read
	refused := make(chan struct{}, 1)
	l, err := connection.Listen("127.0.0.1:0",
		&connection.ListenOptions{
			Authkey: []byte("secret"), Logger: slog.New(slog.NewTextHandler(&book, nil)),
			OnRefused: func(net.Addr, error) {
				refused <- struct{}{}
				panic("the program's own")
			},
		})
	require.NoError(t, err)
	go func() { _ = l.Serve(context.Background(), func(c *connection.Conn) { _ = c.Close() }) }()
	const strangers = 200
	for range strangers {
		nc, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(l.Addr().Port)))
		require.NoError(t, err)
		_ = nc.Close()
		<-refused
	}
	require.NoError(t, l.Close())
	lines := strings.Count(book.String(), "peer refused")
	panics := strings.Count(book.String(), "code panicked")
	assert.Positive(t, panics, "what the program's code does is logged")
	assert.Less(t, lines+panics, strangers/2)
	assert.Equal(t, 2*strangers, lines+panics+logtest.LeftOut(t, book.String()), "each is logged or counted")
}
