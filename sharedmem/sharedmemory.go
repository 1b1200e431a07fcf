package sharedmem

import (
	"fmt"
	"io"
	"math"
	"os"
	"time"
)

// SharedMemory is a segment of memory that processes share by its name: multiprocessing.shared_memory.SharedMemory. Its
// methods may be called from any goroutine; none of them keeps two processes, or two goroutines, from using the same
// bytes at the same time.
//
// ReadAt, WriteAt and Access notice when another process cuts the segment, and return ErrTruncated. Nothing can be done
// for whoever uses the bytes of a View then: the system ends the process.
type SharedMemory struct {
	name string
	size int
	m    *mapping
}

// Create makes a segment of size bytes, which are zero. Like Python it makes up a name, psm_ and eight hexadecimal
// digits, where name is "". A name may have slashes in front, which do not count, and MaxName bytes, all of them
// printable ASCII and none a colon, or the error is a *NameError. Where the name is taken the error is fs.ErrExist. The options may be nil.
//
// Who creates a segment has to Unlink it: it stays after the end of all processes.
func Create(name string, size int, o *CreateOptions) (*SharedMemory, error) {
	m, err := create(name, size, o)
	if err != nil {
		return nil, &Error{"create", name, err}
	}
	return m, nil
}

func create(name string, size int, o *CreateOptions) (*SharedMemory, error) {
	set := CreateOptions{}
	if o != nil {
		set = *o
	}
	if set.Mode == 0 {
		set.Mode = 0o600
	}
	if size <= 0 {
		return nil, fmt.Errorf("a size of %d: want 1 or more: %w", size, ErrRange)
	}
	if name != "" {
		var err error
		if name, err = newFileName(name); err != nil {
			return nil, err
		}
	}
	m, name, err := createSegment(name, size, &set)
	if err != nil {
		return nil, err
	}
	return &SharedMemory{name, size, m}, nil
}

// Attach opens a segment that exists, of any process. Where there is none of that name the error is fs.ErrNotExist;
// where it does not get a size in time, ErrEmpty. The options may be nil.
func Attach(name string, o *AttachOptions) (*SharedMemory, error) {
	m, err := attach(name, o)
	if err != nil {
		return nil, &Error{"attach", name, err}
	}
	return m, nil
}

func attach(name string, o *AttachOptions) (*SharedMemory, error) {
	set := AttachOptions{}
	if o != nil {
		set = *o
	}
	if set.SizeTimeout == 0 {
		set.SizeTimeout = DefaultSizeTimeout
	}
	name, err := fileName(name, maxFileName)
	if err != nil {
		return nil, err
	}
	f, err := openSegment(name, set.ReadOnly)
	if err != nil {
		return nil, err
	}
	size, err := sizeOf(f, set.SizeTimeout)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	m, err := newMapping(f, size, set.ReadOnly)
	if err != nil {
		return nil, err
	}
	return &SharedMemory{name, size, m}, nil
}

// sizeOf returns the size of a file, for which it waits.
func sizeOf(f *os.File, timeout time.Duration) (int, error) {
	const often = time.Millisecond
	for end := time.Now().Add(timeout); ; time.Sleep(often) {
		info, err := f.Stat()
		switch {
		case err != nil:
			return 0, err
		case info.Size() > math.MaxInt:
			return 0, fmt.Errorf("a size of %d: %w", info.Size(), ErrRange)
		case info.Size() > 0:
			return int(info.Size()), nil
		case time.Now().After(end):
			return 0, ErrEmpty
		}
	}
}

// Name is the name by which other processes attach, without a slash.
func (s *SharedMemory) Name() string { return s.name }

// Size is the number of bytes when the segment was mapped.
func (s *SharedMemory) Size() int { return s.size }

// String shows the segment as Python does.
func (s *SharedMemory) String() string {
	return fmt.Sprintf("SharedMemory('%s', size=%d)", s.name, s.size)
}

// Access calls f with the bytes of the segment, which f must not keep. It returns ErrTruncated where the segment was cut
// before the end of f, also if f met zeros and not a fault; f is then left in the middle, with its deferred calls made.
// What f does beyond copying bytes should be little: a fault in a function of the runtime that holds a lock of its own
// ends the process. In a segment that was attached for reading only, writing is such a fault.
func (s *SharedMemory) Access(f func(buf []byte) error) error {
	if err := s.m.whole(f); err != nil {
		return s.failed("access", err)
	}
	return nil
}

// ReadAt copies bytes out of the segment: io.ReaderAt.
func (s *SharedMemory) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, s.failed("read", fmt.Errorf("byte %d: %w", off, ErrRange))
	}
	err = s.m.whole(func(buf []byte) error {
		n = copy(p, buf[min(off, int64(len(buf))):])
		return nil
	})
	if err != nil {
		return 0, s.failed("read", err)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt copies bytes into the segment: io.WriterAt. Where they do not all fit it writes none, and the error is
// ErrRange.
func (s *SharedMemory) WriteAt(p []byte, off int64) (int, error) {
	switch {
	case s.m.readOnly:
		return 0, s.failed("write", ErrReadOnly)
	case off < 0 || off > int64(s.size) || len(p) > s.size-int(off):
		return 0, s.failed("write", fmt.Errorf("%d bytes at byte %d of %d: %w", len(p), off, s.size, ErrRange))
	}
	err := s.m.whole(func(buf []byte) error {
		copy(buf[off:], p)
		return nil
	})
	if err != nil {
		return 0, s.failed("write", err)
	}
	return len(p), nil
}

func (s *SharedMemory) failed(op string, err error) error { return &Error{op, s.name, err} }

// Close ends the use of the segment by this object. Views and calls that are under way keep the memory mapped until
// they are released or return. Closing again does nothing. The segment itself stays: see Unlink.
func (s *SharedMemory) Close() error {
	if err := s.m.close(); err != nil {
		return s.failed("close", err)
	}
	return nil
}

// Unlink removes the name: nobody can attach any more, and the memory is freed when the last process has closed it. The
// second time the error is fs.ErrNotExist, as it is where the name is another segment's by now; the other segment stays.
// It may come before or after Close.
func (s *SharedMemory) Unlink() error {
	if err := unlinkSegment(s.name, s.m.id); err != nil {
		return s.failed("unlink", err)
	}
	return nil
}

// Unlink removes the name of a segment that is not attached: shm_unlink(3). It removes that very name and nothing else.
func Unlink(name string) error {
	file, err := fileName(name, maxFileName)
	if err == nil {
		err = unlinkSegment(file, nil)
	}
	if err != nil {
		return &Error{"unlink", name, err}
	}
	return nil
}
