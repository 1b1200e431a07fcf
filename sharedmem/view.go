package sharedmem

import "sync"

// View is the memory of a segment as it is, without a copy: a memoryview of SharedMemory.buf. Until it is released the
// memory stays mapped, also beyond Close.
type View struct {
	buf  []byte
	m    *mapping
	once sync.Once
}

// View returns a view of the whole segment, which the caller must Release. Each byte read or written through it may be
// changed by others at any time. Nothing guards it: where a segment may be cut by a process that is not trusted, Access
// and ReadAt are the way. Writing into a segment that was attached for reading only ends the process, too.
func (s *SharedMemory) View() (*View, error) {
	buf, err := s.m.use()
	if err != nil {
		return nil, s.failed("view", err)
	}
	return &View{buf: buf, m: s.m}, nil
}

// Bytes returns the memory. It must not be used after Release.
func (v *View) Bytes() []byte { return v.buf }

// Release ends the use of the bytes. Releasing again does nothing.
func (v *View) Release() { v.once.Do(v.m.unuse) }
