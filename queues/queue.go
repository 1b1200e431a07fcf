package queues

import (
	"context"
	"os"

	"mpbridge/pickle"
	"mpbridge/synchronize"
)

// Queue is multiprocessing.Queue: a pipe that holds at most MaxSize items. Put waits for a place, not for the pipe: what
// does not fit into it stays here, and leaves by itself when there is room, in order. All methods may be called by any
// goroutine at any time.
type Queue struct {
	*pipeQueue
	sem     *synchronize.BoundedSemaphore // the free places
	creator int                           // its process id
}

// NewQueue makes a queue of maxsize items, for this process and those that it is pickled for. A maxsize of zero or less
// means synchronize.SemValueMax.
func NewQueue(maxsize int, o *Options) (*Queue, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	return makeQueue(maxsize, o)
}

func makeQueue(maxsize int, o *Options) (*Queue, error) {
	if maxsize <= 0 {
		maxsize = synchronize.SemValueMax
	}
	sem, err := synchronize.NewBoundedSemaphore(maxsize, o.Synchronize)
	if err != nil {
		return nil, err
	}
	q, err := makePipeQueue(o)
	if err != nil {
		discard(sem)
		return nil, err
	}
	return newQueue(q, sem, os.Getpid()), nil
}

func newQueue(q *pipeQueue, sem *synchronize.BoundedSemaphore, creator int) *Queue {
	q.more = append(q.more, sem)
	q.in.taken = func() {
		// It fails where somebody has given back a place too many. The item is here all the same.
		_ = sem.Release()
	}
	return &Queue{q, sem, creator}
}

// Put puts v into the queue, and waits for a place until ctx ends; the error is the cause of ctx then, and nothing was put.
func (q *Queue) Put(ctx context.Context, v any) error {
	return q.put(ctx, v, q.sem.Acquire, uncounted)
}

// TryPut is Put without waiting: it fails with ErrFull where there is no place.
func (q *Queue) TryPut(v any) error {
	return q.put(context.Background(), v, q.tryPlace, uncounted)
}

// tryPlace takes a place if there is one.
func (q *Queue) tryPlace(context.Context) error {
	if q.sem.TryAcquire() {
		return nil
	}
	return ErrFull
}

// count is what a kind of queue does besides for an item: before it leaves, and where it does not.
type count struct {
	put  func(ctx context.Context) error
	lost func()
}

var uncounted = count{func(context.Context) error { return nil }, func() {}}

func (q *Queue) put(ctx context.Context, v any, place func(context.Context) error, c count) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	f, err := q.frame(v)
	if err != nil {
		return err
	}
	if err := q.place(ctx, place); err != nil {
		return err
	}
	if err := c.put(ctx); err != nil {
		q.vacate()
		return err
	}
	lost := func() {
		q.vacate()
		c.lost()
	}
	o, err := q.out.put(f, lost)
	switch {
	case err != nil:
		lost()
		return err
	case o == nil:
		f.done()
	default:
		q.out.detach(o)
	}
	return nil
}

// place waits for a place until ctx ends or the queue is closed.
func (q *Queue) place(ctx context.Context, take func(context.Context) error) error {
	if q.sem.TryAcquire() {
		return nil
	}
	both, done := either(ctx, q.out.open)
	defer done()
	err := take(both)
	if err != nil && q.out.open.Err() != nil {
		return ErrClosed
	}
	return err
}

// vacate gives back the place of an item that does not leave.
func (q *Queue) vacate() { _ = q.sem.Release() }

// MaxSize is how many items there may be; synchronize.SemValueMax means any number.
func (q *Queue) MaxSize() int { return q.sem.MaxValue() }

// Qsize is how many places are taken: by items in the pipe and by those that wait to leave for it, here and elsewhere.
func (q *Queue) Qsize() int { return q.sem.MaxValue() - q.sem.Value() }

// Full tells whether there is no place. Another process may put or take an item at any time.
func (q *Queue) Full() bool { return q.sem.Value() == 0 }

// queueState is the state of a Queue: (ignore_epipe, maxsize, reader, writer, rlock, wlock, sem, opid), and without
// ignore_epipe in 2.7.
func (p *Pickler) queueState(q *Queue) (pickle.Tuple, error) {
	pipe, err := p.pipeState(q.pipeQueue)
	if err != nil {
		return nil, err
	}
	sem, err := p.sync().Object(q.sem)
	if err != nil {
		return nil, err
	}
	state := append(pickle.Tuple{false, int64(q.MaxSize())}, pipe...)
	state = append(state, sem, int64(q.creator))
	if p.sync().Python2 {
		state = state[1:]
	}
	return state, nil
}

func (u *Unpickler) queue(o *pickle.Object) (any, error) {
	const class = "Queue"
	state, err := stateOf(o, class, 8, 7)
	if err != nil {
		return nil, err
	}
	return u.queueOf(class, state[len(state)-7:])
}

// queueOf makes live what queueState makes, from maxsize on.
func (u *Unpickler) queueOf(class string, state pickle.Tuple) (*Queue, error) {
	maxsize, ok1 := intAt(state[0], synchronize.SemValueMax)
	creator, ok2 := intAt(state[6], maxPid)
	if !ok1 || !ok2 {
		return nil, &StateError{class, "maxsize and the process that made it are no numbers"}
	}
	sem, err := opened[*synchronize.BoundedSemaphore](u, class, state[5])
	if err == nil && sem.MaxValue() != maxsize {
		_ = sem.Close()
		err = &StateError{class, "maxsize is not that of its semaphore"}
	}
	if err != nil {
		return nil, err
	}
	q, err := u.pipeQueue(class, state[1:5])
	if err != nil {
		_ = sem.Close()
		return nil, err
	}
	return newQueue(q, sem, creator), nil
}

const maxPid = 1<<31 - 1
