package sharedmem

import (
	"fmt"
	"os"
	"sync"
)

// blockAlignment is how Python aligns what it allocates: Heap._alignment in Lib/multiprocessing/heap.py.
const blockAlignment = 8

// Arena is memory of which blocks are made: multiprocessing.heap.Arena. It has no name; other processes get its
// descriptor. Its methods may be called from any goroutine.
type Arena struct {
	m     *mapping
	size  int
	owned bool // Close ends the mapping

	mu   sync.Mutex
	next int // where the next block begins
}

// NewArena makes an arena of zero bytes, which nobody can cut. It is gone when the last process has closed it.
func NewArena(size int) (*Arena, error) {
	if size <= 0 {
		return nil, &Error{"create arena", "", fmt.Errorf("a size of %d: want 1 or more: %w", size, ErrRange)}
	}
	f, err := createArena(int64(size))
	if err != nil {
		return nil, &Error{"create arena", "", err}
	}
	return openArena(f, size)
}

// OpenArena maps the first size bytes of a file, which another process made: rebuild_arena in heap.py. It owns f from
// then on, also after an error. A file that is shorter is ErrTruncated.
func OpenArena(f *os.File, size int) (*Arena, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		err = cause(err)
	case !info.Mode().IsRegular():
		err = ErrForeign
	case size <= 0:
		err = fmt.Errorf("a size of %d: %w", size, ErrRange)
	case info.Size() < int64(size):
		err = ErrTruncated
	}
	if err != nil {
		_ = f.Close()
		return nil, &Error{"open arena", "", err}
	}
	return openArena(f, size)
}

func openArena(f *os.File, size int) (*Arena, error) {
	m, err := newMapping(f, size, false)
	if err != nil {
		return nil, &Error{"open arena", "", err}
	}
	return &Arena{m: m, size: size, owned: true}, nil
}

// Arena returns an arena whose memory is the segment: Python finds what is in it by ctypes and an offset,
// c_int.from_buffer(shm.buf, 8). Closing it does nothing; the segment has to stay open.
func (s *SharedMemory) Arena() *Arena { return &Arena{m: s.m, size: s.size} }

// Size is the number of bytes.
func (a *Arena) Size() int { return a.size }

// File is what to hand to other processes. It is closed when the arena is.
func (a *Arena) File() *os.File { return a.m.file }

// Close ends the use of the arena by this process. Calls that are under way keep the memory until they return.
func (a *Arena) Close() error {
	if !a.owned {
		return nil
	}
	return a.m.close()
}

// Alloc takes a block of size bytes that no other block of this object has. Where there is no room left the error is
// ErrRange. Blocks that other processes take are not known here: each arena should have one process that takes them.
func (a *Arena) Alloc(size int) (*Block, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	b, err := a.Block(a.next, size)
	if err == nil {
		a.next += b.room()
	}
	return b, err
}

// Block returns the bytes from start on, which must be a multiple of 8. Where they are not all in the arena the error is
// ErrRange.
func (a *Arena) Block(start, size int) (*Block, error) {
	switch {
	case start < 0 || start > a.size || size < 0 || size > a.size-start:
		return nil, fmt.Errorf("sharedmem: %d bytes at byte %d of an arena of %d: %w", size, start, a.size, ErrRange)
	case start%blockAlignment != 0:
		return nil, fmt.Errorf("sharedmem: a block at byte %d: want a multiple of %d: %w", start, blockAlignment, ErrRange)
	}
	return &Block{a, start, size}, nil
}

// Block is a part of an arena: multiprocessing.heap.BufferWrapper.
type Block struct {
	arena       *Arena
	start, size int
}

// Arena is where the block is.
func (b *Block) Arena() *Arena { return b.arena }

// Start is the place of the block in its arena.
func (b *Block) Start() int { return b.start }

// Size is the number of bytes.
func (b *Block) Size() int { return b.size }

// room is what the block takes in its arena: Python's stop less its start.
func (b *Block) room() int {
	return (max(b.size, 1) + blockAlignment - 1) / blockAlignment * blockAlignment
}

// Access calls f with the bytes of the block, which f must not keep, as SharedMemory.Access does; that the file was cut
// is noticed where it is a fault.
func (b *Block) Access(f func(mem []byte) error) error {
	err := b.arena.m.access(func(mem []byte) error { return f(mem[b.start:][:b.size:b.size]) })
	if err != nil {
		return &Error{"access block", "", err}
	}
	return nil
}

// change is Access for writing. It refuses what is read only before f begins: under the race detector a fault in one of the
// atomic functions would end the process.
func (b *Block) change(f func(mem []byte) error) error {
	if b.arena.m.readOnly {
		return &Error{"access block", "", ErrReadOnly}
	}
	return b.Access(f)
}

// View returns the bytes of the block, for which SharedMemory.View says what to mind.
func (b *Block) View() (*View, error) {
	mem, err := b.arena.m.use()
	if err != nil {
		return nil, &Error{"view block", "", err}
	}
	return &View{buf: mem[b.start:][:b.size:b.size], m: b.arena.m}, nil
}
