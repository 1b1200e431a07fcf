package connection_test

import (
	"context"
	"net"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/internal/testing/testwait"
)

// parsed is an address as somebody writes it.
func parsed(t *testing.T, text string) connection.Address {
	t.Helper()
	a, err := connection.ParseAddress(text)
	require.NoError(t, err)
	return a
}

// reaches tells whether somebody listens at an IP address.
func reaches(ip string, port int) bool {
	nc, err := net.Dial("tcp", net.JoinHostPort(ip, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	_ = nc.Close()
	return true
}

func needsIPv6(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skip("this system has no IPv6")
	}
	_ = l.Close()
}

func TestWhatIsWrittenIsWhatIsOpened(t *testing.T) {
	needsIPv6(t)
	for _, c := range []struct {
		written, shown string
		ipv4, ipv6     bool
	}{
		{"0.0.0.0:0", "0.0.0.0", true, false},
		{"[::]:0", "[::]", false, true},
		{":0", "", true, true},
		{"127.0.0.1:0", "127.0.0.1", true, false},
		{"[::1]:0", "[::1]", false, true},
		{"[::ffff:127.0.0.1]:0", "127.0.0.1", true, false},
		{"[::ffff:0.0.0.0]:0", "0.0.0.0", true, false},
	} {
		l := mustListen(t, parsed(t, c.written), nil)
		port := l.Addr().Port
		require.NotZero(t, port, c.written)
		assert.Equal(t, c.shown+":"+strconv.Itoa(port), l.Addr().String(), c.written)
		assert.Equal(t, c.ipv4, reaches("127.0.0.1", port), "%s and IPv4", c.written)
		assert.Equal(t, c.ipv6, reaches("::1", port), "%s and IPv6", c.written)

		ln, shown, err := connection.ListenSocket(c.written)
		require.NoError(t, err)
		assert.Equal(t, c.shown+":"+strconv.Itoa(shown.Port), shown.String())
		assert.Equal(t, c.ipv4, reaches("127.0.0.1", shown.Port), "%s and IPv4", c.written)
		assert.Equal(t, c.ipv6, reaches("::1", shown.Port), "%s and IPv6", c.written)
		require.NoError(t, ln.Close())
	}
}

func TestWhatIsShownCanBeDialled(t *testing.T) {
	needsIPv6(t)
	for _, written := range []string{"0.0.0.0:0", "[::]:0", ":0"} {
		l := mustListen(t, parsed(t, written), &connection.ListenOptions{Authkey: []byte("key")})
		go func() { _ = l.Serve(context.Background(), func(c *connection.Conn) { _ = c.Close() }) }()
		c, err := connection.Dial(testwait.Soon(t), l.Addr().String(),
			&connection.DialOptions{Authkey: []byte("key")})
		require.NoError(t, err, written)
		_ = c.Close()
	}
}

func TestBothFamiliesByTwoAddresses(t *testing.T) {
	needsIPv6(t)
	four := mustListen(t, parsed(t, "0.0.0.0:0"), nil)
	port := strconv.Itoa(four.Addr().Port)
	six := mustListen(t, parsed(t, "[::]:"+port), nil)
	assert.Equal(t, "[::]:"+port, six.Addr().String())
}

func TestANameIsListenedOnAtItsIPv4Address(t *testing.T) {
	l := mustListen(t, parsed(t, "localhost:0"), nil)
	assert.Equal(t, "127.0.0.1", l.Addr().Name)
}

func TestAZoneIsKept(t *testing.T) {
	needsIPv6(t)
	all, err := net.Interfaces()
	require.NoError(t, err)
	for _, i := range all {
		addrs, err := i.Addrs()
		require.NoError(t, err)
		for _, a := range addrs {
			n, ok := a.(*net.IPNet)
			if !ok || !n.IP.IsLinkLocalUnicast() || n.IP.To4() != nil {
				continue
			}
			zoned := n.IP.String() + "%" + i.Name
			l := mustListen(t, connection.Address{Network: connection.TCP, Name: zoned}, nil)
			assert.Equal(t, zoned, l.Addr().Name)
			return
		}
	}
	t.Skip("no interface has a link-local address")
}

func TestWhatOnlyThisMachineReaches(t *testing.T) {
	for text, want := range map[string]bool{
		"127.0.0.1:1": true, "127.9.9.9:1": true, "[::1]:1": true, "localhost:1": true, "/tmp/s": true,
		"unix:@s": true, "[::ffff:127.0.0.1]:1": true, "[::1%lo]:1": true,
		":1": false, "0.0.0.0:1": false, "[::]:1": false, "[::ffff:0.0.0.0]:1": false, "10.0.0.1:1": false,
		"example.org:1": false, "localhost.example.org:1": false, "127.0.0.1.example.org:1": false,
		"[fe80::1%eth0]:1": false, "127.1:1": false,
	} {
		assert.Equal(t, want, parsed(t, text).Loopback(), text)
	}
}
