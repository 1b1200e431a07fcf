package managers_test

import (
	"bytes"
	"io"
	"sync"
	"testing"
	"time"

	"mpbridge/managers"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// watched is a writer that shows what is written.
type watched struct {
	io.Writer
	see func(p []byte)
}

func (w *watched) Write(p []byte) (int, error) {
	w.see(p)
	return w.Writer.Write(p)
}

func TestAnObjectThatWasHeldIsSavedHoweverLongTheOthersTakeToWrite(t *testing.T) {
	s := newKeeper(t)
	during(t, s, func(c *managers.Client) {
		for _, name := range []string{"fifo", "lifo", "priority", "small"} {
			q, err := c.Queue(soon(t), name)
			require.NoError(t, err)
			require.NoError(t, q.Put(soon(t), largeItem(1)))
		}
		l, err := c.List(soon(t), "l")
		require.NoError(t, err)
		require.NoError(t, l.Append(soon(t), "held for a moment"))
	})
	release := sync.OnceFunc(managers.Hold(s, "l"))
	const patience = 10 * time.Millisecond
	info, err := s.Snapshot(&watched{io.Discard, func([]byte) {
		if managers.StillRead(s) > 0 {
			release()
			time.Sleep(2 * patience) // a slow disk
		}
	}}, &managers.SnapshotOptions{Wait: patience})
	require.NoError(t, err)
	assert.Empty(t, info.Skipped)
}

func TestDeadLettersAreReadAfterAQueueThatIsHeld(t *testing.T) {
	s, q := lending(t, 1)
	require.NoError(t, q.Put(soon(t), "moves"))
	dead := q.DeadLetters()
	require.NoError(t, dead.Put(soon(t), largeItem(1)))
	d, err := q.Lease(soon(t))
	require.NoError(t, err)
	release := sync.OnceFunc(managers.HoldQueue(q))
	time.AfterFunc(300*time.Millisecond, release) // longer than what can be had at once is waited for
	bury := sync.OnceFunc(func() {
		release()
		_, err := d.Nack(soon(t), 0)
		assert.NoError(t, err)
		waitFor(t, func() bool { return dead.Len() == 2 })
	})
	var file bytes.Buffer
	info, err := s.Snapshot(&watched{&file, func(p []byte) {
		if bytes.Contains(p, []byte("00000001")) { // the dead letters were read
			bury()
		}
	}}, nil)
	require.NoError(t, err)
	assert.Equal(t, 2, info.Items, "an item that moves while they are written is in one of them")
}
