//go:build linux && (amd64 || arm64)

package sysv_test

import (
	"math"
	"runtime"
	"testing"

	"mpbridge/sysv"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func lockThreadForever() { runtime.LockOSThread() }

func newMemory(t testing.TB, size int) *sysv.SharedMemory {
	t.Helper()
	m, err := sysv.CreateSharedMemory(sysv.Private, size, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = m.Remove() })
	return m
}

func attach(t *testing.T, m *sysv.SharedMemory) *sysv.Attachment {
	t.Helper()
	a, err := m.Attach()
	require.NoError(t, err)
	t.Cleanup(func() { _ = a.Detach() })
	return a
}

func TestTwoAttachmentsAreTheSameMemory(t *testing.T) {
	m := newMemory(t, 100)
	a, b := attach(t, m), attach(t, sysv.SharedMemoryByID(m.ID()))
	require.Len(t, a.Bytes(), 100)
	copy(a.Bytes(), "hello")
	assert.Equal(t, "hello\x00", string(b.Bytes()[:6]))
	info, err := m.Info()
	require.NoError(t, err)
	assert.Equal(t, sysv.MemoryInfo{Size: 100, Attached: 2}, info)
}

func TestARemovedSegmentStaysWhereItIsAttached(t *testing.T) {
	m := newMemory(t, 100)
	a := attach(t, m)
	require.NoError(t, m.Remove())
	a.Bytes()[99] = 1
	require.NoError(t, a.Detach())
	require.ErrorIs(t, a.Detach(), sysv.ErrDetached)
	assert.Nil(t, a.Bytes())
	_, err := m.Attach()
	require.ErrorIs(t, err, sysv.ErrRemoved)
}

func TestASegmentIsReadWhereNobodyMayWrite(t *testing.T) {
	m := newMemory(t, 10)
	copy(attach(t, m).Bytes(), "text")
	a, err := m.AttachReadOnly()
	require.NoError(t, err)
	assert.Equal(t, "text", string(a.Bytes()[:4]))
	require.NoError(t, a.Detach())
}

func TestASizeThatNoSegmentHasIsALimitError(t *testing.T) {
	key := newKey(t)
	m, err := sysv.CreateSharedMemory(key, 100, nil)
	require.NoError(t, err)
	defer m.Remove()
	_, zero := sysv.CreateSharedMemory(sysv.Private, 0, nil)
	_, huge := sysv.CreateSharedMemory(sysv.Private, math.MaxInt, nil)
	_, more := sysv.CreateSharedMemory(key, 101, &sysv.CreateOptions{Existing: true})
	for what, err := range map[string]error{"none": zero, "all there is": huge, "more than it has": more} {
		var limit *sysv.LimitError
		assert.ErrorAs(t, err, &limit, what)
	}
}
