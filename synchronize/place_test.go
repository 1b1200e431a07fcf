//go:build linux && (amd64 || arm64)

package synchronize_test

import (
	"context"
	"encoding/hex"
	"testing"

	"mpbridge/synchronize"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// shared is memory as several processes have it.
func shared(t *testing.T) []byte {
	t.Helper()
	mem, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS)
	require.NoError(t, err)
	t.Cleanup(func() { _ = unix.Munmap(mem) })
	return mem
}

func TestASemaphoreCanLieInAnySharedMemory(t *testing.T) {
	mem := shared(t)[64:]
	s, err := synchronize.Place(mem, 0, 3, nil)
	require.NoError(t, err)
	defer s.Close()
	assert.Equal(t, "000000000000000080000000", hex.EncodeToString(mem[:12]))
	other, err := synchronize.At(mem, 3, nil)
	require.NoError(t, err)
	defer other.Close()
	ended := make(chan error)
	go func() { ended <- other.Acquire(soon(t)) }()
	require.NoError(t, s.Release())
	require.NoError(t, <-ended)
	require.ErrorIs(t, s.Unlink(), synchronize.ErrNoName)
}

func TestMemoryWithoutASemaphoreIsRefused(t *testing.T) {
	mem := shared(t)
	var format *synchronize.FormatError
	for _, b := range [][]byte{nil, mem[:31], mem[1:], mem} {
		_, err := synchronize.At(b, 1, nil)
		require.ErrorAs(t, err, &format)
	}
	for _, b := range [][]byte{nil, mem[:31], mem[4:]} {
		_, err := synchronize.Place(b, 1, 1, nil)
		require.ErrorAs(t, err, &format)
	}
}

func TestMemoryMayGoOnceItsSemaphoreIsClosed(t *testing.T) {
	mem, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS)
	require.NoError(t, err)
	s, err := synchronize.Place(mem, 0, 1, nil)
	require.NoError(t, err)
	ended := make(chan error)
	go func() { ended <- s.Acquire(context.Background()) }()
	require.Eventually(t, func() bool { return mem[4] == 1 }, patience, tick)
	require.NoError(t, s.Close())
	require.NoError(t, unix.Munmap(mem))
	require.ErrorIs(t, <-ended, synchronize.ErrClosed)
	require.ErrorIs(t, s.Release(), synchronize.ErrClosed)
}
