//go:build linux || darwin

package reduction_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"

	"mpbridge/connection"
	"mpbridge/internal/peerlog/logtest"
	"mpbridge/pickle"
	"mpbridge/reduction"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFloodOfRequestsForWhatIsGoneIsNoFloodOfLogLines(t *testing.T) {
	const requests = 250
	var book bytes.Buffer // read once the Sharer is closed
	s := newSharer(t, reduction.SharerOptions{Logger: slog.New(slog.NewTextHandler(&book, nil))})
	request, err := pickle.Marshal(pickle.Tuple{int64(1 << 40), int64(1)})
	require.NoError(t, err)
	for range requests {
		c, err := connection.Dial(t.Context(), s.Addr().String(), &connection.DialOptions{Authkey: key})
		require.NoError(t, err)
		require.NoError(t, c.SendBytes(context.Background(), request))
		_, err = c.RecvBytes(context.Background())
		require.True(t, connection.IsDisconnect(err), "%v", err)
		require.NoError(t, c.Close())
	}
	require.NoError(t, s.Close())
	lines, left := logtest.Lines(t, book.String(), "a descriptor was not handed over")
	assert.Positive(t, lines)
	assert.Less(t, lines, requests*3/4)
	assert.Equal(t, requests, lines+left, "each is logged or counted")
}
