package mqueue

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
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
	// ErrNotExist says that there is no queue of that name. It is fs.ErrNotExist too.
	ErrNotExist error = &sentinel{"there is no such queue", fs.ErrNotExist}
	// ErrExist says that there is a queue of that name already. It is fs.ErrExist too.
	ErrExist error = &sentinel{"there is such a queue already", fs.ErrExist}
	// ErrPermission says that the queue's mode does not let this process do it, or that the queue was opened for
	// the other direction. It is fs.ErrPermission too.
	ErrPermission error = &sentinel{"not permitted", fs.ErrPermission}
	// ErrClosed says that Close was called. It is os.ErrClosed too.
	ErrClosed error = &sentinel{"the queue was closed", os.ErrClosed}
	// ErrFull is TrySend's where the queue has no room.
	ErrFull = errors.New("the queue is full")
	// ErrEmpty is TryReceive's where the queue has no message.
	ErrEmpty = errors.New("the queue is empty")
	// ErrBadName says that the name is none that mq_open takes.
	ErrBadName = errors.New("a name is a slash and 1 to 255 bytes without slash and NUL, other than /. and /.. themselves")
	// ErrNotSupported says that this system has no such queues, or not this program's sort.
	ErrNotSupported = fmt.Errorf("POSIX message queues are Linux's: %w", errors.ErrUnsupported)
)

// Error says which operation on which queue failed.
type Error struct {
	Op   string // "create", "open", "unlink", "send", "receive", "attributes"
	Name string // of the queue
	Err  error  // one of this package's errors, a *LimitError, what ended the context, or the system's
}

func (e *Error) Error() string { return fmt.Sprintf("mqueue: %s %q: %v", e.Op, e.Name, e.Err) }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// LimitError says that a number is beyond what the kernel, the queue or an option allows.
type LimitError struct {
	What       string // what was counted, with its unit and where the limit stands
	Limit, Got int64  // Limit is -1 where the system does not tell; Got is 0 where nobody counted
}

func (e *LimitError) Error() string {
	text := e.What + ": "
	if e.Got > 0 {
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
	limitMessages    = "messages (fs.mqueue.msg_max)"
	limitMessageSize = "bytes of a message (fs.mqueue.msgsize_max)"
	limitQueues      = "queues of the system (fs.mqueue.queues_max)"
	limitUserBytes   = "bytes of all queues of the user (RLIMIT_MSGQUEUE), or open files"
	limitMessage     = "bytes of the message (the queue's MaxMessageSize)"
	limitBuffer      = "bytes of the queue's MaxMessageSize (what there is memory for)"
	limitPriority    = "priority"
)
