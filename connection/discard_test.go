package connection_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
)

// refusing returns a Conn that has refused a message of n bytes, of which the first have arrived, and
// the peer that is to send the rest.
func refusing(t *testing.T, ahead int, n uint64, first []byte) (*connection.Conn, net.Conn) {
	t.Helper()
	c, there := pair(t, &connection.Options{MaxMessage: 100, ReadBuffer: ahead})
	_, err := there.Write(append(connection.AppendHeader(nil, n), first...))
	require.NoError(t, err)
	_, err = c.RecvBytes(context.Background())
	require.ErrorIs(t, err, connection.ErrMessageTooBig)
	return c, there
}

func TestAMessageThatIsTooLongCanBeReadAway(t *testing.T) {
	for name, ahead := range map[string]int{"unbuffered": 0, "buffered": 1 << 10} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{101, 1 << 10, 300_000} {
				body := bytes.Repeat([]byte("body"), n/4+1)[:n]
				c, there := refusing(t, ahead, uint64(n), body[:50])
				go func() {
					_, err := there.Write(append(body[50:], "\x00\x00\x00\x04next"...))
					assert.NoError(t, err)
				}()
				_, err := c.RecvBytes(context.Background())
				require.ErrorIs(t, err, connection.ErrMessageTooBig, "until it is read away")
				head, err := c.Discard(context.Background(), int64(n), time.Minute)
				require.NoError(t, err)
				assert.Equal(t, string(body[:64]), string(head))
				next, err := c.RecvBytes(context.Background())
				require.NoError(t, err)
				assert.Equal(t, "next", string(next))
			}
		})
	}
}

func TestOnlySoMuchOfAMessageIsReadAway(t *testing.T) {
	for _, n := range []uint64{1001, 1 << 31, 1 << 63, 1<<64 - 1} {
		c, _ := refusing(t, 0, n, nil)
		_, err := c.Discard(context.Background(), 1000, 0)
		require.ErrorIs(t, err, connection.ErrMessageTooBig)
		_, err = c.RecvBytes(context.Background())
		require.ErrorIs(t, err, connection.ErrMessageTooBig)
	}
}

func TestAMessageOfWhichNothingComesIsNotWaitedFor(t *testing.T) {
	c, _ := refusing(t, 0, 1000, []byte("begun"))
	_, err := c.Discard(context.Background(), 1<<20, 20*time.Millisecond)
	require.ErrorIs(t, err, connection.ErrSilent)
	_, err = c.RecvBytes(context.Background())
	require.ErrorIs(t, err, connection.ErrSilent, "what follows is no frame")
}

func TestAMessageThatTricklesIsNotWaitedFor(t *testing.T) {
	c, there := refusing(t, 0, 1<<15, nil)
	over := make(chan struct{})
	defer close(over)
	go func() {
		for {
			select {
			case <-over:
				return
			case <-time.After(time.Millisecond):
				if _, err := there.Write([]byte("x")); err != nil {
					return
				}
			}
		}
	}()
	_, err := c.Discard(context.Background(), 1<<20, 200*time.Millisecond)
	require.ErrorIs(t, err, connection.ErrSilent)
}

func TestReadingAwayEndsWithItsContext(t *testing.T) {
	c, _ := refusing(t, 0, 1000, nil)
	ctx, cancel := context.WithCancelCause(context.Background())
	late := errors.New("late")
	time.AfterFunc(10*time.Millisecond, func() { cancel(late) })
	_, err := c.Discard(ctx, 1<<20, time.Minute)
	require.ErrorIs(t, err, late)
}

func TestAPeerThatLeavesWhileItIsReadAwayIsUnexpected(t *testing.T) {
	c, there := refusing(t, 0, 1000, []byte("some"))
	require.NoError(t, there.Close())
	_, err := c.Discard(context.Background(), 1<<20, time.Minute)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func TestNothingIsReadAwayThatWasNotRefused(t *testing.T) {
	c, there := pair(t, nil)
	_, err := there.Write([]byte("\x00\x00\x00\x04next"))
	require.NoError(t, err)
	_, err = c.Discard(context.Background(), 1<<20, time.Minute)
	require.NoError(t, err)
	next, err := c.RecvBytes(context.Background())
	require.NoError(t, err)
	assert.Equal(t, "next", string(next))
}
