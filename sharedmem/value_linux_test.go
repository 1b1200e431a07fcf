package sharedmem_test

import (
	"context"
	"errors"
	"math"
	"os"
	"testing"

	"mpbridge/sharedmem"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func newArena(t *testing.T, size int) *sharedmem.Arena {
	t.Helper()
	a, err := sharedmem.NewArena(size)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, a.Close()) })
	return a
}

// again maps an arena a second time, as another process does.
func again(t *testing.T, a *sharedmem.Arena) *sharedmem.Arena {
	t.Helper()
	fd, err := unix.Dup(int(a.File().Fd()))
	require.NoError(t, err)
	other, err := sharedmem.OpenArena(os.NewFile(uintptr(fd), "arena"), a.Size())
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, other.Close()) })
	return other
}

// extremes checks that values of a type come back, from the mapping of another process.
func extremes[T sharedmem.CType](t *testing.T, values ...T) {
	t.Helper()
	a := newArena(t, 4096)
	other := again(t, a)
	v, err := sharedmem.NewRawValue(a, values[0])
	require.NoError(t, err)
	b, err := other.Block(v.Block().Start(), v.Block().Size())
	require.NoError(t, err)
	reader, err := sharedmem.RawValueOf[T](b)
	require.NoError(t, err)
	for _, want := range values {
		require.NoError(t, v.Set(want))
		got, err := reader.Get()
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	array, err := sharedmem.NewRawArray(a, values)
	require.NoError(t, err)
	items, err := array.Items()
	require.NoError(t, err)
	assert.Equal(t, values, items)
	for i, want := range values {
		require.NoError(t, array.Set(0, want))
		got, err := array.Get(0)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		got, err = array.Get(len(values) - 1)
		require.NoError(t, err)
		if i < len(values)-1 {
			assert.Equal(t, values[len(values)-1], got)
		}
	}
}

func TestValuesOfEveryTypeComeBack(t *testing.T) {
	extremes(t, true, false, true)
	extremes[sharedmem.Char](t, 0, 'a', 255)
	extremes[sharedmem.WChar](t, 0, 'é', 0x10ffff)
	extremes[int8](t, math.MinInt8, -1, math.MaxInt8)
	extremes[uint8](t, 0, math.MaxUint8)
	extremes[int16](t, math.MinInt16, -1, math.MaxInt16)
	extremes[uint16](t, 0, math.MaxUint16)
	extremes[int32](t, math.MinInt32, -1, math.MaxInt32)
	extremes[uint32](t, 0, math.MaxUint32)
	extremes[int64](t, math.MinInt64, -1, math.MaxInt64)
	extremes[uint64](t, 0, math.MaxUint64)
	extremes(t, float32(-0.5), float32(math.Inf(1)))
	extremes(t, -0.5, math.Inf(1), math.MaxFloat64)
}

func TestABoolOfAnotherByteIsTrue(t *testing.T) {
	v, err := sharedmem.NewRawValue(newArena(t, 8), false)
	require.NoError(t, err)
	view, err := v.Block().View()
	require.NoError(t, err)
	defer view.Release()
	view.Bytes()[0] = 0x80
	got, err := v.Get()
	require.NoError(t, err)
	assert.True(t, got == true) // and not only "not false"
}

func TestBlocksHaveThePlacesThatPythonWouldGiveThem(t *testing.T) {
	a := newArena(t, 48)
	var starts []int
	for _, size := range []int{1, 8, 0, 9} {
		b, err := a.Alloc(size)
		require.NoError(t, err)
		assert.Equal(t, size, b.Size())
		starts = append(starts, b.Start())
	}
	assert.Equal(t, []int{0, 8, 16, 24}, starts)
	_, err := a.Alloc(9)
	require.ErrorIs(t, err, sharedmem.ErrRange)
	_, err = a.Alloc(8)
	require.NoError(t, err)
}

func TestABlockOutsideOfItsArenaIsRefused(t *testing.T) {
	a := newArena(t, 64)
	for _, b := range [][2]int{
		{-8, 8}, {0, -1}, {0, 65}, {64, 1}, {72, 0}, {4, 4}, {8, math.MaxInt}, {math.MaxInt - 7, 8}, {math.MinInt, 8},
	} {
		_, err := a.Block(b[0], b[1])
		assert.ErrorIs(t, err, sharedmem.ErrRange, "%v", b)
	}
}

func TestABlockOfAnotherSizeIsNoValue(t *testing.T) {
	a := newArena(t, 64)
	b, err := a.Block(0, 12)
	require.NoError(t, err)
	_, err = sharedmem.RawValueOf[int32](b)
	require.ErrorIs(t, err, sharedmem.ErrRange)
	for _, n := range []int{2, 4, -1, math.MaxInt} {
		_, err = sharedmem.RawArrayOf[int32](b, n)
		require.ErrorIs(t, err, sharedmem.ErrRange)
	}
	_, err = sharedmem.RawArrayOf[int32](b, 3)
	require.NoError(t, err)
}

func TestAnIndexOutsideOfAnArrayIsAnError(t *testing.T) {
	array, err := sharedmem.NewRawArray(newArena(t, 64), []int16{1, 2})
	require.NoError(t, err)
	for _, i := range []int{-1, 2, math.MaxInt} {
		_, err := array.Get(i)
		require.ErrorIs(t, err, sharedmem.ErrRange)
		require.ErrorIs(t, array.Set(i, 1), sharedmem.ErrRange)
	}
	require.ErrorIs(t, array.SetItems([]int16{7, 8, 9}), sharedmem.ErrRange)
	items, err := array.Items()
	require.NoError(t, err)
	assert.Equal(t, []int16{1, 2}, items)
}

func TestAnArenaCannotBeCut(t *testing.T) {
	a := newArena(t, 4096)
	assert.ErrorIs(t, a.File().Truncate(0), unix.EPERM)
}

func TestAnArenaThatIsShorterThanItSaysIsRefused(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "arena")
	require.NoError(t, err)
	require.NoError(t, f.Truncate(100))
	_, err = sharedmem.OpenArena(f, 101)
	require.ErrorIs(t, err, sharedmem.ErrTruncated)
	require.ErrorIs(t, f.Close(), os.ErrClosed, "the arena owned it")
}

func TestWhatIsNoFileIsNoArena(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer w.Close()
	_, err = sharedmem.OpenArena(r, 8)
	require.ErrorIs(t, err, sharedmem.ErrForeign)
}

func TestAnArenaThatIsCutUnderOurFeetIsAnError(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "arena")
	require.NoError(t, err)
	require.NoError(t, f.Truncate(8192))
	path := f.Name()
	a, err := sharedmem.OpenArena(f, 8192)
	require.NoError(t, err)
	defer a.Close()
	b, err := a.Block(4096, 8)
	require.NoError(t, err)
	v, err := sharedmem.RawValueOf[float64](b)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(path, 0))
	_, err = v.Get()
	require.ErrorIs(t, err, sharedmem.ErrTruncated)
	require.ErrorIs(t, v.Set(1), sharedmem.ErrTruncated)
}

func TestASegmentIsAnArena(t *testing.T) {
	s := create(t, 64)
	b, err := s.Arena().Block(8, 4)
	require.NoError(t, err)
	v, err := sharedmem.RawValueOf[uint32](b)
	require.NoError(t, err)
	require.NoError(t, v.Set(0x01010101))
	assert.Equal(t, "\x00\x01\x01\x01\x01\x00", read(t, s, 7, 6))
	require.NoError(t, s.Arena().Close())
	require.NoError(t, v.Set(1), "the segment is open")
}

func TestAValueInWhatIsReadOnlyIsNotWritten(t *testing.T) {
	s := create(t, 64)
	b, err := attach(t, s.Name(), &sharedmem.AttachOptions{ReadOnly: true}).Arena().Block(0, 4)
	require.NoError(t, err)
	v, err := sharedmem.RawValueOf[int32](b)
	require.NoError(t, err)
	require.ErrorIs(t, v.Set(1), sharedmem.ErrReadOnly)
	a, err := sharedmem.RawArrayOf[sharedmem.Char](b, 4)
	require.NoError(t, err)
	require.ErrorIs(t, a.Set(0, 'x'), sharedmem.ErrReadOnly)
	require.ErrorIs(t, a.SetItems([]sharedmem.Char("x")), sharedmem.ErrReadOnly)
	require.ErrorIs(t, sharedmem.SetBytes(a, []byte("x")), sharedmem.ErrReadOnly)
	require.ErrorIs(t, b.Access(func(mem []byte) error {
		mem[0] = 'x'
		return nil
	}), sharedmem.ErrReadOnly)
}

// fakeLock counts, and fails where it is told to.
type fakeLock struct {
	taken, freed int
	err          error
}

func (l *fakeLock) Acquire(context.Context) error {
	l.taken++
	return l.err
}

func (l *fakeLock) Release() error {
	l.freed++
	return nil
}

func TestValuesAndArraysHoldTheirLock(t *testing.T) {
	ctx, lock, a := context.Background(), new(fakeLock), newArena(t, 64)
	raw, err := sharedmem.NewRawValue(a, int32(1))
	require.NoError(t, err)
	v := sharedmem.NewValue(raw, lock)
	got, err := v.Update(ctx, func(n int32) int32 {
		assert.Equal(t, 1, lock.taken-lock.freed)
		return n + 1
	})
	require.NoError(t, err)
	assert.EqualValues(t, 2, got)
	require.NoError(t, v.Set(ctx, 5))
	got, err = v.Get(ctx)
	require.NoError(t, err)
	assert.EqualValues(t, 5, got)
	rawArray, err := sharedmem.NewRawArray(a, []int32{1, 2})
	require.NoError(t, err)
	array := sharedmem.NewArray(rawArray, lock)
	require.NoError(t, array.Set(ctx, 1, 7))
	require.NoError(t, array.Access(ctx, func(elements []int32) error {
		assert.Equal(t, 1, lock.taken-lock.freed)
		elements[0] = elements[1]
		return nil
	}))
	items, err := array.Items(ctx)
	require.NoError(t, err)
	assert.Equal(t, []int32{7, 7}, items)
	assert.Equal(t, 6, lock.taken)
	assert.Equal(t, 6, lock.freed)
}

func TestWithoutTheLockNothingIsDone(t *testing.T) {
	ctx, lock := context.Background(), &fakeLock{err: errors.New("dead")}
	raw, err := sharedmem.NewRawValue(newArena(t, 8), int32(1))
	require.NoError(t, err)
	v := sharedmem.NewValue(raw, lock)
	require.ErrorIs(t, v.Set(ctx, 2), lock.err)
	_, err = v.Get(ctx)
	require.ErrorIs(t, err, lock.err)
	got, err := raw.Get()
	require.NoError(t, err)
	assert.EqualValues(t, 1, got)
	assert.Zero(t, lock.freed)
}

func TestTextEndsAtTheFirstZero(t *testing.T) {
	a := newArena(t, 64)
	chars, err := sharedmem.NewRawArray(a, []sharedmem.Char("abcd"))
	require.NoError(t, err)
	for set, want := range map[string]string{"xy": "xy\x00d", "1234": "1234", "": "\x00yzd"} {
		require.NoError(t, chars.SetItems([]sharedmem.Char("xyzd")))
		require.NoError(t, sharedmem.SetBytes(chars, []byte(set)))
		text, err := sharedmem.Bytes(chars)
		require.NoError(t, err)
		assert.Equal(t, set, string(text))
		items, err := chars.Items()
		require.NoError(t, err)
		assert.Equal(t, []sharedmem.Char(want), items)
	}
	require.ErrorIs(t, sharedmem.SetBytes(chars, []byte("12345")), sharedmem.ErrTooLong)
}

func TestWideTextEndsAtTheFirstZero(t *testing.T) {
	chars, err := sharedmem.NewRawArray(newArena(t, 64), make([]sharedmem.WChar, 4))
	require.NoError(t, err)
	for _, text := range []string{"", "é", "1234", "\U0001f40d"} {
		require.NoError(t, sharedmem.SetText(chars, text))
		got, err := sharedmem.Text(chars)
		require.NoError(t, err)
		assert.Equal(t, text, got)
	}
	require.ErrorIs(t, sharedmem.SetText(chars, "12345"), sharedmem.ErrTooLong)
	require.ErrorIs(t, sharedmem.SetText(chars, "\xff"), sharedmem.ErrNotText)
	require.NoError(t, chars.Set(0, 0xd800))
	_, err = sharedmem.Text(chars)
	require.ErrorIs(t, err, sharedmem.ErrNotText)
}

// ownedLock knows who has it.
type ownedLock struct{ owner *int }

func (l *ownedLock) Acquire(_ context.Context, me *int) error {
	if l.owner != nil {
		return errors.New("taken")
	}
	l.owner = me
	return nil
}

func (l *ownedLock) Release(me *int) error {
	if l.owner != me {
		return errors.New("not the owner")
	}
	l.owner = nil
	return nil
}

func TestALockWithAnOwnerHasANewOneEachTime(t *testing.T) {
	owners := 0
	lock := sharedmem.ByOwner(new(ownedLock), func() *int {
		owners++
		return new(int)
	})
	for range 2 {
		require.NoError(t, lock.Acquire(t.Context()))
		require.Error(t, lock.Acquire(t.Context()), "also for who has it")
		require.NoError(t, lock.Release())
	}
	assert.Equal(t, 4, owners)
}
