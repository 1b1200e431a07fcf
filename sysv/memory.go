package sysv

import (
	"math"
	"sync"
)

const whatMemory = "shared memory"

// SharedMemory is a segment of shmget's. Its methods may be called from any goroutine.
type SharedMemory struct{ id int }

// CreateSharedMemory makes a segment that has to be new, which is ErrExist where it is not, of size bytes, all 0. With
// CreateOptions.Existing one that is there has to be at least so large.
func CreateSharedMemory(key Key, size int, o *CreateOptions) (*SharedMemory, error) {
	flags, err := o.flags()
	if err != nil {
		return nil, err
	}
	if size < 1 {
		return nil, &LimitError{limitSize, math.MaxInt, int64(size)}
	}
	return getMemory("create", key, size, flags)
}

// OpenSharedMemory opens a segment that is there.
func OpenSharedMemory(key Key) (*SharedMemory, error) { return getMemory("open", key, 0, 0) }

// SharedMemoryByID is the segment with an id that its maker told. Whether there is one its first call says.
func SharedMemoryByID(id int) *SharedMemory { return &SharedMemory{id} }

func getMemory(op string, key Key, size, flags int) (*SharedMemory, error) {
	id, err := shmget(key, size, flags)
	if err != nil {
		return nil, &Error{op, whatMemory, int(key), err}
	}
	return &SharedMemory{id}, nil
}

// ID returns the number of the object.
func (m *SharedMemory) ID() int { return m.id }

// Info asks the kernel for the segment's numbers.
func (m *SharedMemory) Info() (MemoryInfo, error) {
	info, err := shmstat(m.id)
	return info, m.failed("info", err)
}

// Remove takes the segment away: no key finds it any more, and the memory is free when the last attachment is gone. It
// may be removed as soon as all who need it have attached it; then nothing stays, whoever dies.
func (m *SharedMemory) Remove() error { return m.failed("remove", shmremove(m.id)) }

// Attach maps the segment into this process. A segment never changes its size, so that what is mapped stays there.
func (m *SharedMemory) Attach() (*Attachment, error) { return m.attach(false) }

// AttachReadOnly is Attach to read alone: who writes to Bytes ends the program, as with any memory fault.
func (m *SharedMemory) AttachReadOnly() (*Attachment, error) { return m.attach(true) }

func (m *SharedMemory) attach(readOnly bool) (*Attachment, error) {
	bytes, err := shmattach(m.id, readOnly)
	if err != nil {
		return nil, m.failed("attach", err)
	}
	return &Attachment{id: m.id, bytes: bytes}, nil
}

func (m *SharedMemory) failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{op, whatMemory, m.id, err}
}

// Attachment is a segment as it is mapped into this process.
type Attachment struct {
	id    int
	mu    sync.Mutex
	bytes []byte // nil once detached
}

// Bytes is the memory. Other processes change it at any time: agree on who may when, by Semaphores for example. It may
// not be touched after Detach, which ends the program.
func (a *Attachment) Bytes() []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.bytes
}

// Detach takes the memory out of this process. A second time is ErrDetached.
func (a *Attachment) Detach() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	err := ErrDetached
	if a.bytes != nil {
		err = shmdetach(a.bytes)
		a.bytes = nil
	}
	if err != nil {
		return &Error{"detach", whatMemory, a.id, err}
	}
	return nil
}
