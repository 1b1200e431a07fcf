package tunnel_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/internal/peerlog/logtest"
	"mpbridge/internal/testing/testwait"
	"mpbridge/tunnel"
)

func TestAFloodOfConnectionsThatCannotBeCarriedIsNoFloodOfLogLines(t *testing.T) {
	const clients = 250
	var book bytes.Buffer // read once nobody writes any more
	dials := func(context.Context) (*connection.Conn, error) { panic("the program's own") }
	tun := start(t, listen(t, loopback, nil), dials,
		&tunnel.Options{Logger: slog.New(slog.NewTextHandler(&book, nil))})
	for range clients {
		c, err := connection.Dial(testwait.Soon(t), tun.Addr().String(), nil)
		require.NoError(t, err)
		_, err = c.RecvBytes(context.Background())
		require.True(t, connection.IsDisconnect(err), "%v", err)
		_ = c.Close()
	}
	_, err := tun.Shutdown(testwait.Soon(t))
	require.NoError(t, err)
	lines := strings.Count(book.String(), "cannot reach the far end")
	panics := strings.Count(book.String(), `msg="the program's code panicked"`)
	left := logtest.LeftOut(t, book.String())
	assert.Positive(t, panics, "what the program's code does is logged")
	assert.Less(t, lines+panics, clients/2)
	assert.Equal(t, 2*clients, lines+panics+left, "each is logged or counted")
}
