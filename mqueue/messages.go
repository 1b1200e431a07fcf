package mqueue

import "context"

// Send puts a message into the queue, and waits while it is full. The message may be empty. Its priority is at most
// MaxPriority; a message beyond MaxMessageSize is a *LimitError.
func (q *Queue) Send(ctx context.Context, message []byte, priority int) error {
	return q.send(message, priority, func(try func(fd int) error) error { return q.out.until(ctx, try) })
}

// TrySend is Send that does not wait: ErrFull.
func (q *Queue) TrySend(message []byte, priority int) error {
	return q.send(message, priority, q.out.once)
}

func (q *Queue) send(message []byte, priority int, call func(try func(fd int) error) error) error {
	err := q.checkSend(message, priority)
	if err == nil {
		err = call(func(fd int) error { return sendMessage(fd, message, priority) })
	}
	if err != nil {
		return &Error{"send", q.name, err}
	}
	return nil
}

func (q *Queue) checkSend(message []byte, priority int) error {
	switch {
	case q.access == ReadOnly:
		return ErrPermission
	case priority < 0 || priority > MaxPriority:
		return &LimitError{limitPriority, MaxPriority, int64(priority)}
	case len(message) > q.size:
		return &LimitError{limitMessage, int64(q.size), int64(len(message))}
	}
	return nil
}

// Receive takes the message of the highest priority that has waited longest out of the queue, and waits while there
// is none. A message that was taken is returned even if ctx ended at that moment.
func (q *Queue) Receive(ctx context.Context) (message []byte, priority int, err error) {
	return q.receive(func(try func(fd int) error) error { return q.in.until(ctx, try) })
}

// TryReceive is Receive that does not wait: ErrEmpty.
func (q *Queue) TryReceive() (message []byte, priority int, err error) { return q.receive(q.in.once) }

func (q *Queue) receive(call func(try func(fd int) error) error) (message []byte, priority int, err error) {
	err = ErrPermission
	if q.access != WriteOnly {
		err = call(func(fd int) error {
			message, priority, err = q.take(fd)
			return err
		})
	}
	if err != nil {
		return nil, 0, &Error{"receive", q.name, err}
	}
	return message, priority, nil
}

// take receives into a buffer that is kept for the next, because the kernel wants one of MaxMessageSize bytes
// whatever comes, and returns a copy.
func (q *Queue) take(fd int) ([]byte, int, error) {
	buffer := q.buffers.Get().(*[]byte)
	defer q.buffers.Put(buffer)
	n, priority, err := receiveMessage(fd, *buffer)
	if err != nil {
		return nil, 0, err
	}
	return append([]byte{}, (*buffer)[:n]...), priority, nil
}
