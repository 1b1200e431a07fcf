package sharedmem_test

import (
	"testing"

	"mpbridge/sharedmem"

	"github.com/stretchr/testify/require"
)

const large = 64 << 20

// BenchmarkMemcpy is what handing over costs at least: 64 MB from memory to memory.
func BenchmarkMemcpy(b *testing.B) {
	from, to := make([]byte, large), make([]byte, large)
	copy(to, from) // both are there
	b.SetBytes(large)
	for b.Loop() {
		copy(to, from)
	}
}

func benchSegment(b *testing.B) *sharedmem.SharedMemory {
	b.Helper()
	s, err := sharedmem.Create("", large, nil)
	require.NoError(b, err)
	b.Cleanup(func() {
		_ = s.Unlink()
		_ = s.Close()
	})
	return s
}

// BenchmarkHandOver copies 64 MB into a segment, where another process has them.
func BenchmarkHandOver(b *testing.B) {
	s, from := benchSegment(b), make([]byte, large)
	copy(from, from[1:])
	b.SetBytes(large)
	for b.Loop() {
		if _, err := s.WriteAt(from, 0); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTakeOver copies 64 MB out of a segment.
func BenchmarkTakeOver(b *testing.B) {
	s, to := benchSegment(b), make([]byte, large)
	b.SetBytes(large)
	for b.Loop() {
		if _, err := s.ReadAt(to, 0); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNewSegment is the price of one that is not used again: its pages are got and cleared.
func BenchmarkNewSegment(b *testing.B) {
	from := make([]byte, large)
	b.SetBytes(large)
	for b.Loop() {
		s, err := sharedmem.Create("", large, &sharedmem.CreateOptions{Fill: func(buf []byte) error {
			copy(buf, from)
			return nil
		}})
		require.NoError(b, err)
		require.NoError(b, s.Unlink())
		require.NoError(b, s.Close())
	}
}

// BenchmarkValue is what the checks cost where there is next to nothing to do.
func BenchmarkValue(b *testing.B) {
	a, err := sharedmem.NewArena(4096)
	require.NoError(b, err)
	defer a.Close()
	v, err := sharedmem.NewRawValue(a, int64(0))
	require.NoError(b, err)
	for b.Loop() {
		n, _ := v.Get()
		if v.Set(n+1) != nil {
			b.Fatal("not set")
		}
	}
}

func BenchmarkListItem(b *testing.B) {
	l, err := sharedmem.NewShareableList([]any{1, "text"}, nil)
	require.NoError(b, err)
	defer l.SharedMemory().Close()
	defer func() { _ = l.SharedMemory().Unlink() }()
	for b.Loop() {
		if _, err := l.Get(0); err != nil {
			b.Fatal(err)
		}
	}
}
