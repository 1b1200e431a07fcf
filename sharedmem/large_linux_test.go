package sharedmem_test

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"

	"mpbridge/pickle"
	"mpbridge/sharedmem"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func newLargeItem(t *testing.T, v any, o *sharedmem.LargeItemOptions) *sharedmem.LargeItem {
	t.Helper()
	item, err := sharedmem.NewLargeItem(v, o)
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = item.SharedMemory().Unlink()
		assert.NoError(t, item.SharedMemory().Close())
	})
	return item
}

func TestALargeItemIsLoadedFromItsSegment(t *testing.T) {
	payload := bytes.Repeat([]byte("x"), 1<<20)
	item := newLargeItem(t, []any{payload, "text"}, nil)
	data, err := pickle.Marshal(item)
	require.NoError(t, err)
	assert.Less(t, len(data), 200)
	raw, err := pickle.ParseRaw(data)
	require.NoError(t, err)
	for _, v := range []any{raw, travelled(t, item)} {
		name, ok := sharedmem.LargeItemName(v)
		require.True(t, ok)
		assert.Equal(t, item.SharedMemory().Name(), name)
		var got []any
		require.NoError(t, sharedmem.LoadLargeItem(v, &got, nil))
		assert.Equal(t, []any{payload, "text"}, got)
	}
}

func TestALargeItemWhoseSegmentIsGoneIsAnError(t *testing.T) {
	item := newLargeItem(t, 1, nil)
	v := travelled(t, item)
	require.NoError(t, item.SharedMemory().Unlink())
	var got any
	require.ErrorIs(t, sharedmem.LoadLargeItem(v, &got, nil), fs.ErrNotExist)
}

func TestALargeItemIsLoadedWithinLimits(t *testing.T) {
	v := travelled(t, newLargeItem(t, bytes.Repeat([]byte("x"), 1000), nil))
	var got any
	var limit *pickle.LimitError
	require.ErrorAs(t, sharedmem.LoadLargeItem(v, &got, &pickle.DecodeOptions{MaxBytes: 999}), &limit)
	require.NoError(t, sharedmem.LoadLargeItem(v, &got, &pickle.DecodeOptions{MaxBytes: 2000}))
}

func TestWhatCannotBePickledIsNoLargeItem(t *testing.T) {
	_, err := sharedmem.NewLargeItem(make(chan int), nil)
	require.Error(t, err)
}

// TestOnlyFilesOfSegmentsAreLoaded: the pickle comes from whoever may put into a queue.
func TestOnlyFilesOfSegmentsAreLoaded(t *testing.T) {
	load, open := named("pickle", "load"), named("io", "open")
	for what, v := range map[string]any{
		"another file":      called(load, called(open, "/etc/passwd", "rb")),
		"out of the folder": called(load, called(open, "/dev/shm/../../etc/passwd", "rb")),
		"two slashes":       called(load, called(open, "/dev/shm//x", "rb")),
		"the folder":        called(load, called(open, "/dev/shm/", "rb")),
		"long name":         called(load, called(open, "/dev/shm/"+strings.Repeat("x", 300), "rb")),
		"no path":           called(load, called(open, 5, "rb")),
		"another function":  called(named("os", "system"), called(open, "/dev/shm/x", "rb")),
		"no call":           "/dev/shm/x",
		"none":              nil,
	} {
		_, ok := sharedmem.LargeItemName(v)
		assert.False(t, ok, what)
		require.ErrorIs(t, sharedmem.LoadLargeItem(v, new(any), nil), sharedmem.ErrNoLargeItem, what)
	}
}
