package connection_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/internal/testing/testwait"
)

// manyKeys returns n keys key-0, key-1 … whose tags are their numbers.
func manyKeys(n int) []connection.Key {
	keys := make([]connection.Key, n)
	for i := range keys {
		keys[i] = connection.Key{Name: fmt.Sprintf("name-%d", i), Secret: fmt.Appendf(nil, "key-%d", i),
			Tag: i}
	}
	return keys
}

// serveRing accepts peers with keys of a ring and tells who they are.
func serveRing(t testing.TB, o connection.ListenOptions) (connection.Address, <-chan string) {
	t.Helper()
	l := mustListen(t, loopback, &o)
	names := make(chan string, 16)
	go func() {
		_ = l.Serve(context.Background(), func(c *connection.Conn) {
			names <- fmt.Sprint(c.KeyName(), " ", c.KeyTag())
			_ = c.SendBytes(context.Background(), []byte("hello"))
			_ = c.Close()
		})
	}()
	return l.Addr(), names
}

func TestEachOfAThousandKeysIsToldFromTheOthers(t *testing.T) {
	ring, err := connection.NewKeyring(manyKeys(connection.MaxKeys))
	require.NoError(t, err)
	at, names := serveRing(t, connection.ListenOptions{Keys: ring})
	for _, i := range []int{0, 1, 499, connection.MaxKeys - 1} {
		require.NoError(t, greeted(t, at, fmt.Sprintf("key-%d", i)))
		assert.Equal(t, fmt.Sprintf("name-%d %d", i, i), <-names)
	}
	require.ErrorIs(t, greeted(t, at, "key-1000"), connection.ErrAuth)
}

func TestAListenerAnswersWithTheKeyThatItsPeerProved(t *testing.T) {
	ring, err := connection.NewKeyring(manyKeys(2))
	require.NoError(t, err)
	at, names := serveRing(t, connection.ListenOptions{Keys: ring})
	// The dialer challenges in its turn, and accepts no other key than its own.
	require.NoError(t, greeted(t, at, "key-1"))
	assert.Equal(t, "name-1 1", <-names)
}

func TestEveryKeyIsComparedWhicheverItIs(t *testing.T) {
	const n = 5
	for _, secret := range []string{"key-0", "key-4", "wrong"} {
		compared := connection.KeysCompared(t, manyKeys(n), []byte(secret))
		assert.Equal(t, n, compared, secret)
	}
}

func TestAPolicyWithoutMD5HoldsForEveryKey(t *testing.T) {
	ring, err := connection.NewKeyring(manyKeys(3))
	require.NoError(t, err)
	at, names := serveRing(t, connection.ListenOptions{Keys: ring,
		Digests: connection.StrictDigests()})
	require.NoError(t, greeted(t, at, "key-2"))
	assert.Equal(t, "name-2 2", <-names)
	old := connection.DigestPolicy{Accept: []connection.Digest{connection.InsecureMD5},
		Answer: []connection.Digest{connection.InsecureMD5}, Offer: connection.InsecureMD5}
	_, err = connection.Dial(testwait.Soon(t), at.String(), &connection.DialOptions{Authkey: []byte("key-2"),
		Digests: old})
	require.ErrorIs(t, err, connection.ErrAuth)
}

func TestEveryKeyWorksWithMD5WhereItIsAllowed(t *testing.T) {
	ring, err := connection.NewKeyring(manyKeys(3))
	require.NoError(t, err)
	at, names := serveRing(t, connection.ListenOptions{Keys: ring,
		Digests: connection.DigestPolicy{Offer: connection.InsecureMD5}})
	require.NoError(t, greeted(t, at, "key-1"))
	assert.Equal(t, "name-1 1", <-names)
}

func TestReplacedKeysHoldForWhoComesNext(t *testing.T) {
	ring, err := connection.NewKeyring(manyKeys(1))
	require.NoError(t, err)
	at, names := serveRing(t, connection.ListenOptions{Keys: ring})
	require.NoError(t, ring.Replace([]connection.Key{
		{Name: "new", Secret: []byte("other"), Tag: "tag"}}))
	require.ErrorIs(t, greeted(t, at, "key-0"), connection.ErrAuth)
	require.NoError(t, greeted(t, at, "other"))
	assert.Equal(t, "new tag", <-names)
}

func TestARefusedReplacementChangesNothing(t *testing.T) {
	ring, err := connection.NewKeyring(manyKeys(1))
	require.NoError(t, err)
	at, names := serveRing(t, connection.ListenOptions{Keys: ring})
	require.Error(t, ring.Replace(nil))
	require.NoError(t, greeted(t, at, "key-0"))
	assert.Equal(t, "name-0 0", <-names)
}

func TestKeyringsThatAreRefused(t *testing.T) {
	key := func(name, secret string) connection.Key {
		return connection.Key{Name: name, Secret: []byte(secret)}
	}
	for name, keys := range map[string][]connection.Key{
		"no keys":            nil,
		"an empty key":       {key("a", "")},
		"a key of zeros":     {key("a", "\x00\x00")},
		"two of one name":    {key("a", "hush-1"), key("a", "hush-2")},
		"two of one secret":  {key("a", "hush"), key("b", "hush")},
		"two of one padding": {key("a", "hush"), key("b", "hush\x00")},
		"too many":           manyKeys(connection.MaxKeys + 1),
	} {
		_, err := connection.NewKeyring(keys)
		require.Error(t, err, name)
		assert.NotContains(t, err.Error(), "hush", name)
	}
}

func TestAKeyringKeepsACopyOfItsSecrets(t *testing.T) {
	secret := []byte("key")
	ring, err := connection.NewKeyring([]connection.Key{{Name: "a", Secret: secret}})
	require.NoError(t, err)
	copy(secret, "xxx")
	at, names := serveRing(t, connection.ListenOptions{Keys: ring})
	require.NoError(t, greeted(t, at, "key"))
	assert.Equal(t, "a <nil>", <-names)
}

func TestAListenerTakesAnAuthkeyOrKeys(t *testing.T) {
	ring, err := connection.NewKeyring(manyKeys(1))
	require.NoError(t, err)
	_, err = connection.Listen(loopback.String(), &connection.ListenOptions{Authkey: []byte("key"), Keys: ring})
	require.Error(t, err)
	_, err = connection.Listen(loopback.String(), &connection.ListenOptions{Keys: ring,
		Digests: connection.DigestPolicy{Accept: []connection.Digest{connection.SHA384}}})
	require.Error(t, err, "a policy that cannot work")
}

func TestAConnWithoutAKeyringHasNoKeyName(t *testing.T) {
	here, there := net.Pipe()
	defer there.Close()
	c := newConn(t, here, nil)
	defer c.Close()
	assert.Empty(t, c.KeyName())
	assert.Nil(t, c.KeyTag())
}

func TestErrorsOfAWrongKeyNameNoKey(t *testing.T) {
	ring, err := connection.NewKeyring(manyKeys(2))
	require.NoError(t, err)
	refused := make(chan error, 1)
	at, _ := serveRing(t, connection.ListenOptions{Keys: ring,
		OnRefused: func(_ net.Addr, err error) { refused <- err }})
	require.ErrorIs(t, greeted(t, at, "wrong"), connection.ErrAuth)
	err = <-refused
	require.ErrorIs(t, err, connection.ErrAuth)
	assert.False(t, strings.Contains(err.Error(), "name-") || strings.Contains(err.Error(), "key-"))
}
