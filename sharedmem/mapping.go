package sharedmem

import (
	"errors"
	"os"
	"sync"
)

// mapping is a file that is mapped as a whole, and counts who uses it. Its methods may be called from any goroutine.
type mapping struct {
	file     *os.File
	id       os.FileInfo // which file it is
	readOnly bool

	mu     sync.Mutex
	mem    []byte // nil once it is unmapped
	users  int    // calls that are under way, and views
	closed bool
}

// newMapping maps size bytes of a file, and owns it from then on, also after an error.
func newMapping(f *os.File, size int, readOnly bool) (*mapping, error) {
	id, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, cause(err)
	}
	mem, err := mapFile(f, size, readOnly)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return &mapping{file: f, id: id, readOnly: readOnly, mem: mem}, nil
}

// use returns the memory, which stays mapped until unuse.
func (m *mapping) use() ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, ErrClosed
	}
	m.users++
	return m.mem, nil
}

func (m *mapping) unuse() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.users--
	_ = m.unmapUnused()
}

// close ends all use but that which is under way, whose end unmaps the memory.
func (m *mapping) close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return m.unmapUnused()
}

func (m *mapping) unmapUnused() error {
	if !m.closed || m.users > 0 || m.mem == nil {
		return nil
	}
	err := unmap(m.mem)
	m.mem = nil
	if e := m.file.Close(); err == nil {
		err = e
	}
	return err
}

// access calls f with the memory, guarded. f must not keep it.
func (m *mapping) access(f func(mem []byte) error) error {
	mem, err := m.use()
	if err != nil {
		return err
	}
	defer m.unuse()
	err = guarded(mem, func() error { return f(mem) })
	if err != nil && m.readOnly && errors.Is(err, ErrTruncated) && !m.cut(len(mem)) {
		return ErrReadOnly // what faults in memory that is there is a write
	}
	return err
}

// whole is access, and makes sure afterwards that the file still has all its bytes: where it was cut within a page,
// what lies behind the end of the file reads as zeros, and what is written there is lost without a fault.
func (m *mapping) whole(f func(mem []byte) error) error {
	return m.access(func(mem []byte) error {
		if err := f(mem); err != nil {
			return err
		}
		if m.cut(len(mem)) {
			return ErrTruncated
		}
		return nil
	})
}

// cut tells whether the file has become shorter than it was mapped.
func (m *mapping) cut(size int) bool {
	info, err := m.file.Stat()
	return err != nil || info.Size() < int64(size)
}
