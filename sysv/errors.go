package sysv

import (
	"errors"
	"fmt"
	"io/fs"
)

// sentinel is an error in this package's words that is also one of package fs in the sense of errors.Is.
type sentinel struct {
	text string
	is   error
}

func (e *sentinel) Error() string        { return e.text }
func (e *sentinel) Is(target error) bool { return target == e.is }

// What an *Error is about; errors.Is tells.
var (
	// ErrNotExist says that there is no object with that key. It is fs.ErrNotExist too.
	ErrNotExist error = &sentinel{"there is none", fs.ErrNotExist}
	// ErrExist says that there is an object with that key already. It is fs.ErrExist too.
	ErrExist error = &sentinel{"there is one already", fs.ErrExist}
	// ErrPermission says that the object's mode does not let this process do it. It is fs.ErrPermission too.
	ErrPermission error = &sentinel{"not permitted", fs.ErrPermission}
	// ErrRemoved says that the object was removed, before or while the call waited.
	ErrRemoved = errors.New("it was removed")
	// ErrFull is TrySend's where the queue has no room.
	ErrFull = errors.New("the queue is full")
	// ErrEmpty is TryReceive's where the queue has no message of that kind.
	ErrEmpty = errors.New("the queue has no such message")
	// ErrBusy is TryAcquire's and TryDo's where the semaphore's value does not allow it.
	ErrBusy = errors.New("the semaphore is busy")
	// ErrDetached says that an Attachment was detached.
	ErrDetached = errors.New("it was detached")
	// ErrNotSupported says that this system has no such objects, or not this program's sort.
	ErrNotSupported = fmt.Errorf("there are System V objects on Linux alone, amd64 and arm64: %w", errors.ErrUnsupported)
)

// Error says which operation on which object failed.
type Error struct {
	Op   string // "create", "open", "send", "receive", "do", "attach", …
	What string // "message queue", "semaphores" or "shared memory"
	// Number is the object's id, or the key where there is no id yet.
	Number int
	Err    error // one of this package's errors, a *LimitError, what ended the context, or the system's
}

func (e *Error) Error() string {
	return fmt.Sprintf("sysv: %s: %s %#x: %v", e.Op, e.What, uint32(e.Number), e.Err)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// LimitError says that a number is beyond what the kernel or the object allows.
type LimitError struct {
	What       string // what was counted, with its unit and where the limit stands
	Limit, Got int64  // Limit is -1 where the system does not tell; Got is 0 where nobody counted
}

func (e *LimitError) Error() string {
	text := e.What + ": "
	if e.Got != 0 {
		text += fmt.Sprintf("%d is beyond ", e.Got)
	} else {
		text += "reached "
	}
	if e.Limit < 0 {
		return text + "the limit"
	}
	return text + fmt.Sprintf("the limit of %d", e.Limit)
}

// The values of LimitError.What.
const (
	limitMessage    = "bytes of a message (kernel.msgmax)"
	limitQueueBytes = "bytes of the queue (kernel.msgmnb)"
	limitReceive    = "bytes of a message that is received"
	limitKind       = "kind of a message, from 1 on"
	limitObjects    = "objects of the system (kernel.msgmni, sem, shmmni), or bytes of all (shmall)"
	limitSet        = "semaphores of a set (kernel.sem)"
	limitNumber     = "number of the semaphore in its set"
	limitValue      = "value of a semaphore"
	limitOperations = "operations at once (kernel.sem)"
	limitSize       = "bytes of a segment (what it has, or kernel.shmmax)"
)

// errTooLong says that a message does not fit the buffer.
var errTooLong = errors.New("the message is longer than the buffer")
