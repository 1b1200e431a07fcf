package connection_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/internal/testing/testwait"
)

// envChild makes the test binary a peer that connects, reads as many messages as it is told, says so,
// and waits to be killed.
const envChild = "MPBRIDGE_TEST_CHILD"

func init() { children[envChild] = child }

func child(spec string) int {
	var address string
	var reads int
	if _, err := fmt.Sscan(spec, &address, &reads); err != nil {
		return 1
	}
	a, err := connection.ParseAddress(address)
	if err != nil {
		return 1
	}
	c, err := connection.Dial(context.Background(), a.String(), nil)
	if err != nil {
		return 1
	}
	for range reads {
		if _, err := c.RecvBytes(context.Background()); err != nil {
			return 1
		}
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

func TestTheSystemTellsWhatAKilledPeerNeverRead(t *testing.T) {
	cases := []struct {
		name  string
		reads int  // of the peer, before it is killed
		late  bool // a second reply is written when it is gone
		want  bool
	}{
		{"killed before it read", 0, false, true},
		{"killed after it read", 1, false, false},
		{"killed before the reply was written", 1, true, true},
	}
	for network, a := range addresses(t) {
		for _, c := range cases {
			t.Run(network+"/"+c.name, func(t *testing.T) {
				l, err := connection.Listen(a.String(), nil)
				require.NoError(t, err)
				defer l.Close()
				peer := exec.Command(os.Args[0])
				peer.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d", envChild, l.Addr(), c.reads))
				in, err := peer.StdinPipe()
				require.NoError(t, err)
				defer in.Close()
				out, err := peer.StdoutPipe()
				require.NoError(t, err)
				require.NoError(t, peer.Start())
				conn, err := l.Accept(testwait.Soon(t))
				require.NoError(t, err)
				defer conn.Close()
				require.NoError(t, conn.SendBytes(context.Background(), []byte("a reply")))
				_, err = io.ReadFull(out, make([]byte, len("ready\n")))
				require.NoError(t, err)
				if c.reads == 0 {
					time.Sleep(10 * time.Millisecond) // for the reply to be in the peer's queue
				}
				require.NoError(t, peer.Process.Kill())
				_ = peer.Wait()
				if c.late {
					assert.True(t, conn.Transport().PeerGone())
					err = conn.SendBytes(context.Background(), []byte("a late reply")) // only unix sockets know at once
				}
				if err == nil {
					_, err = conn.RecvBytes(context.Background())
				}
				require.Error(t, err)
				assert.Equal(t, c.want, conn.Transport().LostLastSend(err))
			})
		}
	}
}

func TestAReplyWrittenAfterThePeerLeftIsUnread(t *testing.T) {
	c, there := pair(t, nil)
	require.NoError(t, there.Close())
	require.Eventually(t, c.Transport().PeerGone, 5*time.Second, time.Millisecond)
	_ = c.SendBytes(context.Background(), []byte("too late"))
	_, err := c.RecvBytes(context.Background())
	require.Error(t, err)
	assert.True(t, c.Transport().LostLastSend(err))
}
