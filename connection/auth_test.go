package connection_test

import (
	"context"
	"encoding/hex"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/internal/testing/testwait"
)

// counting returns n bytes 00, 01, 02 …
func counting(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b)
}

// TestAnswersAreThoseOfCPython compares with vectors that CPython 2.7, 3.12, 3.13 and 3.14 computed.
func TestAnswersAreThoseOfCPython(t *testing.T) {
	cases := []struct{ name, key, challenge, prefix, mac string }{
		{"20 bytes", "secret key", counting(20), "", "4a02c707870ff5a776b673d15ef53ada"},
		{"md5", "secret key", "{md5}" + counting(40), "{md5}", "4f029a779bdd8985c1f1ad9a0f4b9135"},
		{"sha256", "secret key", "{sha256}" + counting(40), "{sha256}",
			"de660527caa52c2d8313422ff6496f5aa46b4ddfca5f20b8da5748f901d3dd5b"},
		{"sha384", "secret key", "{sha384}" + counting(40), "{sha384}",
			"c8e9fe2bdeb806e0decf0717a058be72c597f25a968232be34b30566dc0a6018" +
				"b1f01212ca18eb95382dc585f89622c8"},
		{"sha3_256", "secret key", "{sha3_256}" + counting(40), "{sha3_256}",
			"6990901d236ea56107ff9afdef1c41ac688674c4765c42582cf17bff62b0e618"},
		{"sha3_384", "secret key", "{sha3_384}" + counting(40), "{sha3_384}",
			"f4e0a6e1ad37a3b29ada5ea078e8de668eb84324110e64866288deab3040724b" +
				"a67cfe5caf6194fbb2103bf20c16e1ce"},
		{"an empty key", "", "{sha256}" + counting(40), "{sha256}",
			"d18b190a737f779d3125c4a2dfddcebf933e2f2713bc92fbe386ca25df9fd7af"},
		{"a key longer than a block", strings.Repeat("k", 200), "{sha256}" + counting(40), "{sha256}",
			"74e34ea54571341eb31affab366dede914e8e210df6bdadc4fa46cbdea14293e"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			mac, err := hex.DecodeString(c.mac)
			require.NoError(t, err)
			got, err := connection.Respond([]byte(c.key), []byte("#CHALLENGE#"+c.challenge),
				connection.DigestPolicy{})
			require.NoError(t, err)
			assert.Equal(t, c.prefix+string(mac), string(got))
			require.NoError(t, connection.Verify([]byte(c.key), []byte(c.challenge), got,
				connection.DigestPolicy{}))
			got[len(got)-1] ^= 1
			err = connection.Verify([]byte(c.key), []byte(c.challenge), got, connection.DigestPolicy{})
			require.ErrorIs(t, err, connection.ErrAuth)
		})
	}
}

func TestChallengesThatAreNotAnswered(t *testing.T) {
	for name, challenge := range map[string]string{
		"no challenge":      "#WELCOME#",
		"too short":         "#CHALLENGE#" + counting(19),
		"no digest":         "#CHALLENGE#" + counting(40),
		"an unknown digest": "#CHALLENGE#{sha1}" + counting(40),
	} {
		_, err := connection.Respond([]byte("k"), []byte(challenge), connection.DigestPolicy{})
		require.ErrorIs(t, err, connection.ErrAuth, name)
	}
	_, err := connection.Respond([]byte("k"), []byte("#CHALLENGE#"+counting(20)), connection.StrictDigests())
	require.ErrorIs(t, err, connection.ErrAuth, "MD5 where it is refused")
}

// addresses are one of each kind that this system has.
func addresses(t testing.TB) map[string]connection.Address {
	t.Helper()
	dir, err := os.MkdirTemp("", "mp")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	out := map[string]connection.Address{
		"tcp": {Network: connection.TCP, Name: "127.0.0.1"},
	}
	if runtime.GOOS != "windows" {
		out["unix"] = connection.Address{Network: connection.Unix, Name: filepath.Join(dir, "s")}
	}
	if runtime.GOOS == "linux" {
		out["abstract"] = connection.Address{Network: connection.Unix, Name: "@" + dir}
	}
	return out
}

// listen accepts and greets until the test ends.
func listen(t testing.TB, a connection.Address, o connection.ListenOptions) connection.Address {
	t.Helper()
	if o.Authkey == nil {
		o.Authkey = []byte("key")
	}
	l, err := connection.Listen(a.String(), &o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		_ = l.Serve(context.Background(), func(c *connection.Conn) {
			_ = c.SendBytes(context.Background(), []byte("hello"))
			_ = c.Close()
		})
	}()
	return l.Addr()
}

func greeted(t testing.TB, a connection.Address, key string) error {
	t.Helper()
	c, err := connection.Dial(testwait.Soon(t), a.String(), &connection.DialOptions{Authkey: []byte(key)})
	if err != nil {
		return err
	}
	defer c.Close()
	got, err := c.RecvBytes(context.Background())
	if err == nil {
		assert.Equal(t, "hello", string(got))
	}
	return err
}

func TestBothSidesProveTheKey(t *testing.T) {
	for name, a := range addresses(t) {
		t.Run(name, func(t *testing.T) {
			at := listen(t, a, connection.ListenOptions{})
			require.NoError(t, greeted(t, at, "key"))
			err := greeted(t, at, "wrong")
			require.ErrorIs(t, err, connection.ErrAuth)
			assert.NotContains(t, err.Error(), "wrong key")
			require.NoError(t, greeted(t, at, "key"))
		})
	}
}

func TestStrangersDelayNobody(t *testing.T) {
	at := listen(t, connection.Address{Network: connection.TCP, Name: "127.0.0.1"},
		connection.ListenOptions{MaxPending: 4})
	for i := range 20 {
		nc, err := net.Dial("tcp", at.String())
		require.NoError(t, err)
		defer nc.Close()
		if i%2 == 0 {
			_, _ = nc.Write([]byte("GET / HTTP/1.1\r\n\r\n"))
		}
	}
	require.NoError(t, greeted(t, at, "key"))
}

func TestASilentStrangerIsSentAway(t *testing.T) {
	at := listen(t, connection.Address{Network: connection.TCP, Name: "127.0.0.1"},
		connection.ListenOptions{HandshakeTimeout: 30 * time.Millisecond})
	nc, err := net.Dial("tcp", at.String())
	require.NoError(t, err)
	defer nc.Close()
	require.NoError(t, nc.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = io.Copy(io.Discard, nc)
	require.NoError(t, err, "the listener ends the connection")
}

func TestASocketFileThatNobodyServesIsReplaced(t *testing.T) {
	a, ok := addresses(t)["unix"]
	if !ok {
		t.Skip("this system has no unix sockets")
	}
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: a.Name})
	require.NoError(t, err)
	stale.SetUnlinkOnClose(false)
	_ = stale.Close()
	at := listen(t, a, connection.ListenOptions{UnixMode: 0o600})
	info, err := os.Stat(a.Name)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.NoError(t, greeted(t, at, "key"))
	_, err = connection.Listen(a.String(), &connection.ListenOptions{Authkey: []byte("key")})
	require.Error(t, err, "a living server keeps its file")
}

func TestAddressesAreReadBack(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1:50000": "127.0.0.1:50000", "localhost:1": "localhost:1", "/tmp/s": "/tmp/s",
		"./s": "./s", "unix:/tmp/s": "/tmp/s", "unix:@name": "unix:@name", "[::1]:5": "[::1]:5",
	} {
		a, err := connection.ParseAddress(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, a.String())
		for _, native := range []bool{false, true} {
			back, err := connection.AddressOf(a.Pickled(native))
			require.NoError(t, err)
			assert.Equal(t, a, back)
		}
	}
	for _, text := range []string{"", "nowhere", "host:", "host:70000", "unix:", "unix:@", "tcp://host:1", "tls://host:1",
		"/" + strings.Repeat("a", 200), "@" + strings.Repeat("a", 200)} {
		_, err := connection.ParseAddress(text)
		assert.Error(t, err, text)
	}
}

// FuzzChallenge plays both roles against a peer that says anything.
func FuzzChallenge(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x09#WELCOME#"))
	f.Add([]byte("\x00\x00\x00\x1f#CHALLENGE#" + counting(20) + "\x00\x00\x00\x09#WELCOME#"))
	f.Add([]byte("\x00\x00\x00\x10" + counting(16) + "\x00\x00\x00\x3b#CHALLENGE#{sha256}" + counting(40)))
	f.Fuzz(func(t *testing.T, data []byte) {
		roles := []func(*connection.Conn, []byte, connection.DigestPolicy) error{
			connection.DeliverChallenge, connection.AnswerChallenge,
		}
		for i, role := range roles {
			here, there := net.Pipe()
			go func() { _, _ = io.Copy(io.Discard, there) }()
			go func() {
				_, _ = there.Write(data)
				_ = there.Close()
			}()
			c := newConn(t, here, nil)
			_ = c.SetDeadline(time.Now().Add(5 * time.Second))
			err := role(c, []byte("key"), connection.DigestPolicy{})
			_ = c.Close()
			if err == nil && (i == 0 || !strings.Contains(string(data), "#WELCOME#")) {
				t.Fatal("let in without the key")
			}
		}
	})
}
