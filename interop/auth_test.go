package interop_test

import (
	"context"
	"encoding/hex"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/interop"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	rightKey = []byte("secret key")
	wrongKey = []byte("another key")
	// sizes are those at which frames change their form or their way of being written.
	sizes = []int{0, 1, 255, 16383, 16384, 16385, 65536, 1 << 20}
)

// result is what echo.py answers.
type result struct {
	Address  []string
	Accepted bool
	Error    string
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// words is an address as the peers write it.
func words(a connection.Address) []string {
	if a.Network == connection.TCP {
		return []string{"tcp", a.Name, strconv.Itoa(a.Port)}
	}
	return []string{"unix", a.Name}
}

func addressOf(t *testing.T, words []string) connection.Address {
	t.Helper()
	if words[0] == "unix" {
		return connection.Address{Network: connection.Unix, Name: words[1]}
	}
	port, err := strconv.Atoi(words[2])
	require.NoError(t, err)
	return connection.Address{Network: connection.TCP, Name: words[1], Port: port}
}

// onEachNetwork runs a test with an address of each kind that can be listened on.
func onEachNetwork(t *testing.T, test func(t *testing.T, a connection.Address)) {
	t.Run("tcp", func(t *testing.T) {
		test(t, connection.Address{Network: connection.TCP, Name: "127.0.0.1"})
	})
	t.Run("unix", func(t *testing.T) {
		test(t, connection.Address{Network: connection.Unix, Name: filepath.Join(shortDir(t), "s")})
	})
}

// listen echoes the messages of every peer until the test ends.
func listen(t *testing.T, a connection.Address, o connection.ListenOptions) connection.Address {
	t.Helper()
	l, err := connection.Listen(a.String(), &o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		_ = l.Serve(context.Background(), func(c *connection.Conn) {
			defer c.Close()
			for {
				msg, err := c.RecvBytes(context.Background())
				if err != nil || c.SendBytes(context.Background(), msg) != nil {
					return
				}
			}
		})
	}()
	return l.Addr()
}

func TestPythonDialsGo(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		peer := startPeer(t, py, "echo.py")
		onEachNetwork(t, func(t *testing.T, a connection.Address) {
			at := listen(t, a, connection.ListenOptions{Authkey: rightKey})
			dial := func(key []byte) result {
				return ask[result](t, peer, map[string]any{"op": "dial", "address": words(at),
					"key": hex.EncodeToString(key), "sizes": sizes})
			}
			assert.Empty(t, dial(rightKey).Error)
			assert.Contains(t, dial(wrongKey).Error, "AuthenticationError")
			assert.Contains(t, dial(nil).Error, "AuthenticationError", "an empty key is a key")
			assert.Empty(t, dial(rightKey).Error, "after refusals the listener goes on")
		})
	})
}

func TestGoDialsPython(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		peer := startPeer(t, py, "echo.py")
		onEachNetwork(t, func(t *testing.T, a connection.Address) {
			dial := func(key []byte) (there result, err error) {
				r := ask[result](t, peer, map[string]any{"op": "listen", "address": words(a),
					"key": hex.EncodeToString(rightKey)})
				err = echo(t, addressOf(t, r.Address), key)
				return ask[result](t, peer, map[string]any{"op": "finished"}), err
			}
			there, err := dial(rightKey)
			require.NoError(t, err)
			assert.True(t, there.Accepted)
			there, err = dial(wrongKey)
			require.ErrorIs(t, err, connection.ErrAuth)
			assert.Contains(t, there.Error, "AuthenticationError")
		})
	})
}

// echo sends each size and expects it back.
func echo(t *testing.T, a connection.Address, key []byte) error {
	t.Helper()
	c, err := connection.Dial(soon(t), a.String(), &connection.DialOptions{Authkey: key})
	if err != nil {
		return err
	}
	defer c.Close()
	for _, n := range sizes {
		if err := c.SendBytes(context.Background(), make([]byte, n)); err != nil {
			return err
		}
		got, err := c.RecvBytes(context.Background())
		if err != nil {
			return err
		}
		require.Len(t, got, n)
	}
	return nil
}

func TestStrictDigestsRefuseWhoHasOnlyMD5(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		peer := startPeer(t, py, "echo.py")
		at := listen(t, connection.Address{Network: connection.TCP, Name: "127.0.0.1"},
			connection.ListenOptions{Authkey: rightKey, Digests: connection.StrictDigests()})
		got := ask[result](t, peer, map[string]any{"op": "dial", "address": words(at),
			"key": hex.EncodeToString(rightKey), "sizes": sizes[:1]})
		if py.Profile.Digest == "" {
			assert.Contains(t, got.Error, "AuthenticationError")
		} else {
			assert.Empty(t, got.Error)
		}
	})
}

func TestAListenerWithAKeyIsNotEnteredWithoutOne(t *testing.T) {
	at := listen(t, connection.Address{Network: connection.TCP, Name: "127.0.0.1"},
		connection.ListenOptions{Authkey: rightKey, HandshakeTimeout: 100 * time.Millisecond})
	c, err := connection.Dial(soon(t), at.String(), nil)
	require.NoError(t, err)
	defer c.Close()
	challenge, err := c.RecvBytes(context.Background())
	require.NoError(t, err)
	assert.Contains(t, string(challenge), "#CHALLENGE#")
	_, err = c.RecvBytes(context.Background())
	require.Error(t, err, "the connection ends when the time is over")
}
