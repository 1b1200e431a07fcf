package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// largeItem is an item whose memory is used again once it was read.
func largeItem(n int) []byte { return bytes.Repeat([]byte(fmt.Sprintf("%08d", n)), 16<<10) }

// readingOn is a writer during whose first Write something else happens.
type readingOn struct {
	io.Writer
	before func()
}

func (w *readingOn) Write(p []byte) (int, error) {
	if w.before != nil {
		w.before()
		w.before = nil
	}
	return w.Writer.Write(p)
}

func TestASnapshotHoldsWhatWasInTheQueueThoughItIsReadMeanwhile(t *testing.T) {
	const n = 20
	s := newKeeper(t)
	var file bytes.Buffer
	during(t, s, func(c *client.Client) {
		q, err := c.OpenQueue(soon(t), "fifo")
		require.NoError(t, err)
		for i := range n {
			require.NoError(t, q.Put(soon(t), largeItem(i)))
		}
		save(t, s, &readingOn{&file, func() { // each item's memory goes to the next message
			for i := range n {
				_, err := q.Get(soon(t))
				require.NoError(t, err)
				require.NoError(t, q.Put(soon(t), largeItem(n+i)))
			}
		}})
	})
	next := newKeeper(t)
	info := load(t, next, &file)
	assert.Equal(t, n, info.Items)
	assert.False(t, info.Final)
	during(t, next, func(c *client.Client) {
		q, err := c.OpenQueue(soon(t), "fifo")
		require.NoError(t, err)
		for i := range n {
			v, err := q.Get(soon(t))
			require.NoError(t, err)
			require.Equal(t, largeItem(i), v, "item %d", i)
		}
	})
}

func TestASnapshotAfterTheEndIsFinal(t *testing.T) {
	s := newKeeper(t)
	during(t, s, func(c *client.Client) {
		q, err := c.OpenQueue(soon(t), "fifo")
		require.NoError(t, err)
		require.NoError(t, q.Put(soon(t), 1))
	})
	var file bytes.Buffer
	before := time.Now()
	info, err := s.Snapshot(&file, &server.SnapshotOptions{Generation: 7})
	require.NoError(t, err)
	assert.True(t, info.Final)
	assert.EqualValues(t, 7, info.Generation)
	assert.Equal(t, 1, info.Items)
	assert.EqualValues(t, file.Len(), info.Bytes)
	read, err := server.CheckSnapshot(&file)
	require.NoError(t, err)
	assert.WithinRange(t, read.Time, before.Add(-time.Second), time.Now().Add(time.Second))
	info.Time, read.Time = time.Time{}, time.Time{}
	assert.Equal(t, info, read)
}

func TestAnObjectThatACallHoldsIsSkippedByNameAndAllOthersAreSaved(t *testing.T) {
	s := newKeeper(t)
	during(t, s, func(c *client.Client) {
		l, err := c.OpenList(soon(t), "l")
		require.NoError(t, err)
		require.NoError(t, l.Append(soon(t), "held"))
		d, err := c.OpenDict(soon(t), "d")
		require.NoError(t, err)
		require.NoError(t, d.Set(soon(t), "k", "saved"))
	})
	var whole, partial, again bytes.Buffer
	all := save(t, s, &whole)
	release := server.Hold(s, "l")
	brief := &server.SnapshotOptions{Wait: 20 * time.Millisecond}
	info, err := s.Snapshot(&partial, brief)
	require.NoError(t, err)
	assert.Equal(t, []string{"l"}, info.Skipped)
	assert.Equal(t, all.Objects-1, info.Objects)
	_, err = s.Snapshot(io.Discard, brief) // a second does not leave a second reading behind
	require.NoError(t, err)
	release()
	assert.Empty(t, save(t, s, &again).Skipped, "once it is free it is saved again")

	next := newKeeper(t)
	skipped := load(t, next, &partial).Skipped
	_, err = next.Restore(&whole, &server.RestoreOptions{Only: skipped})
	require.NoError(t, err)
	during(t, next, func(c *client.Client) {
		l, err := c.OpenList(soon(t), "l")
		require.NoError(t, err)
		n, err := l.Len(soon(t))
		require.NoError(t, err)
		assert.Equal(t, 1, n, "what was skipped comes from the snapshot before")
		d, err := c.OpenDict(soon(t), "d")
		require.NoError(t, err)
		v, err := d.Get(soon(t), "k")
		require.NoError(t, err)
		assert.Equal(t, "saved", v)
	})
}

func TestASnapshotWithMoreBehindItsEndIsRefused(t *testing.T) {
	var file bytes.Buffer
	s := newKeeper(t)
	save(t, s, &file)
	require.ErrorIs(t, notTaken(t, s, append(file.Bytes(), 0)), server.ErrSnapshot)
	for _, data := range [][]byte{append(file.Bytes(), 0), append(itemFile("1"), "x"...)} {
		_, err := server.CheckSnapshot(bytes.NewReader(data))
		require.ErrorContains(t, err, "more behind its end")
	}
}

func TestSnapshotsWhileClientsWorkAreWhole(t *testing.T) {
	s := newKeeper(t)
	during(t, s, func(c *client.Client) {
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan error, 1)
		go func() {
			q, err := c.OpenQueue(ctx, "fifo")
			for i := 0; err == nil && ctx.Err() == nil; i++ {
				if err = q.Put(ctx, largeItem(i)); err == nil {
					_, err = q.Get(ctx)
				}
			}
			over <- err
		}()
		for range 30 {
			var file bytes.Buffer
			info := save(t, s, &file)
			read, err := server.CheckSnapshot(bytes.NewReader(file.Bytes()))
			require.NoError(t, err)
			require.Equal(t, info.Items, read.Items)
			next := newKeeper(t)
			load(t, next, bytes.NewReader(file.Bytes()))
		}
		cancel()
		<-over
	})
}

func TestASnapshotHoldsWhatIsOnItsWayToWhoBorrowsIt(t *testing.T) {
	s, q := lending(t, 9)
	fill(t, q, 3)
	d := takeOne(t, q)
	info := save(t, s, io.Discard)
	assert.Equal(t, 3, info.Items)
	d.Resolve(queue.Unsent)
	assert.Equal(t, 3, save(t, s, io.Discard).Items, "and once, when it is back")
	_, err := q.Lease(soon(t))
	require.NoError(t, err)
	assert.Equal(t, 3, save(t, s, io.Discard).Items)
}
