package sysv

import (
	"context"
	"errors"
	"sync"
)

// MaxMessage is the longest message that is received, in bytes. Memory for one is taken in steps, after the kernel said
// that there is one so long.
const MaxMessage = 16 << 20

// firstBuffer is what messages are received into at first: what the kernel's own limit is, unless it was raised.
const firstBuffer = 8192

const whatQueue = "message queue"

// MessageQueue is one of msgget's. Its methods may be called from any goroutine.
type MessageQueue struct {
	id int

	buffers sync.Pool // of *[]byte, with room for the kind
}

// CreateMessageQueue makes a queue that has to be new, which is ErrExist where it is not.
func CreateMessageQueue(key Key, o *CreateOptions) (*MessageQueue, error) {
	flags, err := o.flags()
	if err != nil {
		return nil, err
	}
	return getQueue("create", key, flags)
}

// OpenMessageQueue opens a queue that is there.
func OpenMessageQueue(key Key) (*MessageQueue, error) { return getQueue("open", key, 0) }

// MessageQueueByID is the queue with an id that its maker told. Whether there is one its first call says.
func MessageQueueByID(id int) *MessageQueue { return newQueue(id) }

func getQueue(op string, key Key, flags int) (*MessageQueue, error) {
	id, err := msgget(key, flags)
	if err != nil {
		return nil, &Error{op, whatQueue, int(key), err}
	}
	return newQueue(id), nil
}

func newQueue(id int) *MessageQueue {
	q := &MessageQueue{id: id}
	q.buffers.New = func() any { b := make([]byte, kindSize+firstBuffer); return &b }
	return q
}

// ID returns the number of the object.
func (q *MessageQueue) ID() int { return q.id }

// Send puts a message of a kind, from 1 on, into the queue, and waits while there is no room for its bytes. The message
// may be empty.
func (q *MessageQueue) Send(ctx context.Context, kind int, message []byte) error {
	return q.failed("send", q.send(ctx, true, kind, message))
}

// TrySend is Send that does not wait: ErrFull.
func (q *MessageQueue) TrySend(kind int, message []byte) error {
	return q.failed("send", q.send(context.Background(), false, kind, message))
}

func (q *MessageQueue) send(ctx context.Context, waits bool, kind int, message []byte) error {
	if kind < 1 {
		return &LimitError{limitKind, -1, int64(kind)}
	}
	buffer := q.buffers.Get().(*[]byte)
	defer q.buffers.Put(buffer)
	*buffer = appendMessage((*buffer)[:0], kind, message)
	err := msgsnd(q.id, *buffer, false)
	if !waits || !errors.Is(err, ErrFull) {
		return err
	}
	if info, err := msgstat(q.id); err != nil {
		return err
	} else if len(message) > info.MaxBytes { // it would wait for ever
		return &LimitError{limitQueueBytes, int64(info.MaxBytes), int64(len(message))}
	}
	return wait(ctx, ErrFull, func(wait bool) error { return msgsnd(q.id, *buffer, wait) })
}

// Receive takes a message out of the queue, and waits while there is none: with kind 0 the one that has waited longest,
// with a kind from 1 on the first of that kind, and with a negative one the first of the least kind up to -kind. A
// message that was taken is returned even if ctx ended at that moment.
func (q *MessageQueue) Receive(ctx context.Context, kind int) (message []byte, its int, err error) {
	message, its, err = q.receive(ctx, true, kind)
	return message, its, q.failed("receive", err)
}

// TryReceive is Receive that does not wait: ErrEmpty.
func (q *MessageQueue) TryReceive(kind int) (message []byte, its int, err error) {
	message, its, err = q.receive(context.Background(), false, kind)
	return message, its, q.failed("receive", err)
}

// receive takes a message, where it may wait or there is one. A message that is too long for the buffer stays in the queue.
func (q *MessageQueue) receive(ctx context.Context, waits bool, kind int) (message []byte, its int, err error) {
	buffer := q.buffers.Get().(*[]byte)
	defer q.buffers.Put(buffer)
	for {
		b := (*buffer)[:cap(*buffer)]
		n := 0
		take := func(wait bool) (err error) {
			n, its, err = msgrcv(q.id, b, kind, wait)
			return err
		}
		if err = take(false); waits && errors.Is(err, ErrEmpty) {
			err = wait(ctx, ErrEmpty, take)
		}
		switch {
		case err == nil:
			return append([]byte{}, b[kindSize:kindSize+n]...), its, nil
		case !errors.Is(err, errTooLong):
			return nil, 0, err
		case len(b) >= kindSize+MaxMessage:
			return nil, 0, &LimitError{What: limitReceive, Limit: MaxMessage}
		}
		*buffer = make([]byte, min(2*len(b), kindSize+MaxMessage))
	}
}

// Info asks the kernel for the queue's numbers.
func (q *MessageQueue) Info() (QueueInfo, error) {
	info, err := msgstat(q.id)
	return info, q.failed("info", err)
}

// Remove takes the queue away, with what is in it. Who waits gets ErrRemoved.
func (q *MessageQueue) Remove() error { return q.failed("remove", msgremove(q.id)) }

func (q *MessageQueue) failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{op, whatQueue, q.id, err}
}
