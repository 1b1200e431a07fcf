package interop_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/interop"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestClientsOfForksUseOurServer runs the cases of forks.py with every Python that has the packages.
func TestClientsOfForksUseOurServer(t *testing.T) {
	at := startShortGrace(t)
	for _, fork := range forks {
		t.Run(fork, func(t *testing.T) {
			forEachPython3(t, func(t *testing.T, py interop.Python) {
				py = py.With(needPackages(t, py, fork))
				args := append([]string{fork}, append(words(at), hex.EncodeToString(rightKey))...)
				peer := startPeer(t, py, "forks.py", args...)
				for _, name := range peer.Ready {
					t.Run(strings.ReplaceAll(name, "_", " "), func(t *testing.T) {
						assert.Empty(t, ask[string](t, peer, map[string]string{"case": name}))
					})
				}
			})
		})
	}
}

// startShortGrace serves what SyncManager offers, and forgets soon what nobody refers to.
func startShortGrace(t *testing.T) connection.Address {
	t.Helper()
	s, err := server.New(&server.Options{
		Authkey: rightKey, Limits: server.Limits{ObjectGrace: 300 * time.Millisecond},
	})
	require.NoError(t, err)
	require.NoError(t, s.RegisterSyncManager())
	at, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(serveUntil(s))
	return at
}
