package mqueue

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Queue is an open message queue. Its methods may be called from any goroutine: one may receive while another
// sends, and several that do the same take turns.
type Queue struct {
	name    string
	access  Access
	file    *os.File
	raw     syscall.RawConn
	size    int // its MaxMessageSize, which never changes
	closed  atomic.Bool
	buffers sync.Pool // of *[]byte, size long
	in, out direction
}

// Create makes a queue that has to be new, which is ErrExist where it is not, and opens it for both directions.
func Create(name string, o *CreateOptions) (*Queue, error) {
	c, err := o.check()
	if err != nil {
		return nil, err
	}
	if !goodName(name) {
		return nil, &Error{"create", name, ErrBadName}
	}
	q, err := create(name, c)
	for again := 0; c.Existing && errors.Is(err, ErrExist) && again < maxRaces; again++ {
		if q, err = Open(name, nil); errors.Is(err, ErrNotExist) { // somebody unlinked it meanwhile
			q, err = create(name, c)
		}
	}
	return q, err
}

// maxRaces is how often others may make and unlink a queue while it is looked for.
const maxRaces = 100

func create(name string, c *CreateOptions) (*Queue, error) {
	fd, err := createQueue(name, c)
	if err != nil {
		return nil, &Error{"create", name, err}
	}
	q, err := newQueue("create", name, fd, &OpenOptions{MaxBuffer: c.MaxMessageSize})
	if err != nil {
		_ = Unlink(name)
	}
	return q, err
}

// Open opens a queue that is there, whoever made it.
func Open(name string, o *OpenOptions) (*Queue, error) {
	c, err := o.check()
	if err != nil {
		return nil, err
	}
	if !goodName(name) {
		return nil, &Error{"open", name, ErrBadName}
	}
	fd, err := openQueue(name, c.Access)
	if err != nil {
		return nil, &Error{"open", name, err}
	}
	return newQueue("open", name, fd, c)
}

// newQueue makes a Queue of a descriptor, which it takes over also when it fails.
func newQueue(op, name string, fd int, c *OpenOptions) (*Queue, error) {
	q := &Queue{name: name, access: c.Access, file: os.NewFile(uintptr(fd), "mqueue")}
	a, err := attributes(fd)
	switch {
	case err != nil:
	case a.MaxMessageSize > c.MaxBuffer && c.Access != WriteOnly:
		err = &LimitError{limitBuffer, int64(c.MaxBuffer), int64(a.MaxMessageSize)}
	default:
		if err = q.file.SetDeadline(time.Time{}); err == nil { // it is in the poller
			q.raw, err = q.file.SyscallConn()
		}
	}
	if err != nil {
		_ = q.file.Close()
		return nil, &Error{op, name, err}
	}
	q.size = a.MaxMessageSize
	q.buffers.New = func() any { b := make([]byte, q.size); return &b }
	q.in, q.out = newDirection(q.raw, &q.closed), newDirection(q.raw, &q.closed)
	q.in.wait, q.in.setDeadline, q.in.notReady = q.raw.Read, q.file.SetReadDeadline, ErrEmpty
	q.out.wait, q.out.setDeadline, q.out.notReady = q.raw.Write, q.file.SetWriteDeadline, ErrFull
	return q, nil
}

// Unlink takes the name off a queue. Who has it open goes on; it is gone when the last of them closes it.
func Unlink(name string) error {
	if !goodName(name) {
		return &Error{"unlink", name, ErrBadName}
	}
	if err := unlinkQueue(name); err != nil {
		return &Error{"unlink", name, err}
	}
	return nil
}

// Name returns the name with which the queue was opened.
func (q *Queue) Name() string { return q.name }

// MaxMessageSize returns how long a message may be, in bytes.
func (q *Queue) MaxMessageSize() int { return q.size }

// Attributes asks the kernel for the queue's numbers.
func (q *Queue) Attributes() (a Attributes, err error) {
	failed := q.raw.Control(func(fd uintptr) { a, err = attributes(int(fd)) })
	switch {
	case q.closed.Load():
		err = ErrClosed
	case failed != nil:
		err = failed
	}
	if err != nil {
		return Attributes{}, &Error{"attributes", q.name, err}
	}
	return a, nil
}

// Close closes the descriptor and ends calls that wait. The queue and what is in it stay: see Unlink.
func (q *Queue) Close() error {
	if q.closed.Swap(true) {
		return &Error{"close", q.name, ErrClosed}
	}
	return q.file.Close()
}
