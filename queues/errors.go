package queues

import (
	"errors"
	"fmt"
	"io/fs"

	"mpbridge/connection"
	"mpbridge/pickle"
)

var (
	// ErrEmpty is returned by TryGet where there is no item, or another process is about to take it: queue.Empty.
	ErrEmpty = errors.New("queues: empty")

	// ErrFull is returned by TryPut where there is no room: queue.Full.
	ErrFull = errors.New("queues: full")

	// ErrClosed is returned by what was closed in this process, as by what has no end for that direction any more. It is
	// fs.ErrClosed in the sense of errors.Is.
	ErrClosed = fmt.Errorf("queues: %w", fs.ErrClosed)

	// ErrTaskDone is returned by TaskDone where no task is unfinished. Python raises
	// ValueError: task_done() called too many times.
	ErrTaskDone = errors.New("queues: task_done() called too many times")

	// ErrStalled is returned by a get when part of an item has come, and its rest does not: the process that wrote
	// it was stopped or killed meanwhile. The next get goes on where this one stopped. Until then no other
	// process can read, for it would begin in the middle.
	ErrStalled = errors.New("queues: an item has come in part and its rest does not come")

	// ErrTorn is returned by Close and JoinThread when part of an item was read, or written, and the rest never will be:
	// nobody can use the queue any more.
	ErrTorn = errors.New("queues: half an item was left in the pipe")
)

// LimitError says that an item was longer than Options allow. One that came is gone: it was read away, so that the
// queue goes on.
type LimitError = connection.LimitError

// ItemError says that an item was taken that is no pickle, or no value of the type that was asked for. It is here,
// and nowhere else any more.
type ItemError struct {
	// Raw is the item, still pickled; Bytes is it where it is no pickle.
	Raw   pickle.Raw
	Bytes []byte
	// Err says what is wrong with it.
	Err error
}

// Error says what is wrong with the item.
func (e *ItemError) Error() string { return fmt.Sprintf("queues: an item: %v", e.Err) }

// Unwrap returns Err.
func (e *ItemError) Unwrap() error { return e.Err }
