package queues

import (
	"context"

	"mpbridge/pickle"
	"mpbridge/synchronize"
)

// JoinableQueue is multiprocessing.JoinableQueue: a Queue that counts the items which were put and for which TaskDone was not
// called yet, in whatever process. All methods may be called by any goroutine at any time.
type JoinableQueue struct {
	*Queue
	cond       *synchronize.Condition
	unfinished *synchronize.Semaphore
}

// NewJoinableQueue is NewQueue of a JoinableQueue.
func NewJoinableQueue(maxsize int, o *Options) (*JoinableQueue, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	unfinished, err := synchronize.NewSemaphore(0, o.Synchronize)
	if err != nil {
		return nil, err
	}
	cond, err := synchronize.NewCondition(nil, o.Synchronize)
	if err != nil {
		discard(unfinished)
		return nil, err
	}
	q, err := makeQueue(maxsize, o)
	if err != nil {
		discard(unfinished, cond)
		return nil, err
	}
	return newJoinableQueue(q, cond, unfinished), nil
}

func newJoinableQueue(q *Queue, cond *synchronize.Condition, unfinished *synchronize.Semaphore) *JoinableQueue {
	q.more = append(q.more, cond, unfinished)
	return &JoinableQueue{q, cond, unfinished}
}

// Put is that of a Queue, and counts the item.
func (q *JoinableQueue) Put(ctx context.Context, v any) error {
	return q.put(ctx, v, q.sem.Acquire, count{q.begin, q.lost})
}

// TryPut is that of a Queue, and counts the item. For the lock of the counter, which nobody keeps, it waits up to a second,
// and then fails with context.DeadlineExceeded: a process was stopped, or killed, with it in its hands.
func (q *JoinableQueue) TryPut(v any) error {
	return q.put(context.Background(), v, q.tryPlace, count{func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		return q.begin(ctx)
	}, q.lost})
}

// begin counts an item.
func (q *JoinableQueue) begin(ctx context.Context) error {
	return q.locked(ctx, func(context.Context, *synchronize.Owner) error { return q.unfinished.Release() })
}

// lost takes back what begin has counted, for an item that will not leave.
func (q *JoinableQueue) lost() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	me := synchronize.NewOwner()
	if q.cond.Acquire(ctx, me) != nil {
		return // nobody can say that a task is done either
	}
	_ = q.done(ctx, me)
	_ = q.cond.Release(me)
}

// TaskDone says that the work on an item is done. Where it was the last, those who wait in Join go on, and say so: see
// synchronize.Condition.Notify, whose error is returned when the task has been counted. The error is ErrTaskDone where
// no task is unfinished, and the cause of ctx where that ends first.
func (q *JoinableQueue) TaskDone(ctx context.Context) error { return q.locked(ctx, q.done) }

func (q *JoinableQueue) done(ctx context.Context, me *synchronize.Owner) error {
	if !q.unfinished.TryAcquire() {
		return ErrTaskDone
	}
	if q.unfinished.Value() > 0 {
		return nil
	}
	return q.cond.NotifyAll(ctx, me)
}

// Join waits until no task is unfinished, or until ctx ends.
func (q *JoinableQueue) Join(ctx context.Context) error {
	return q.locked(ctx, func(ctx context.Context, me *synchronize.Owner) error {
		if q.unfinished.Value() == 0 {
			return nil
		}
		return q.cond.Wait(ctx, me)
	})
}

// Unfinished is how many tasks are not done.
func (q *JoinableQueue) Unfinished() int { return q.unfinished.Value() }

// locked does something with the lock of the counter held. It ends when ctx does, or when the queue is closed.
func (q *JoinableQueue) locked(ctx context.Context, do func(context.Context, *synchronize.Owner) error) error {
	both, done := either(ctx, q.life)
	defer done()
	me := synchronize.NewOwner()
	err := q.cond.Acquire(both, me)
	if err == nil {
		err = do(both, me)
		_ = q.cond.Release(me) // after a wait that lost the lock it is not held
	}
	if err != nil && q.life.Err() != nil {
		return ErrClosed
	}
	return err
}

// joinableState is the state of a JoinableQueue: a Queue's and (cond, unfinished_tasks).
func (p *Pickler) joinableState(q *JoinableQueue) (pickle.Tuple, error) {
	state, err := p.queueState(q.Queue)
	if err != nil {
		return nil, err
	}
	cond, err := p.sync().Object(q.cond)
	if err != nil {
		return nil, err
	}
	unfinished, err := p.sync().Object(q.unfinished)
	if err != nil {
		return nil, err
	}
	return append(state, cond, unfinished), nil
}

func (u *Unpickler) joinableQueue(o *pickle.Object) (any, error) {
	const class = "JoinableQueue"
	state, err := stateOf(o, class, 10, 9)
	if err != nil {
		return nil, err
	}
	state, more := state[len(state)-9:], state[len(state)-2:]
	cond, err := opened[*synchronize.Condition](u, class, more[0])
	if err != nil {
		return nil, err
	}
	unfinished, err := opened[*synchronize.Semaphore](u, class, more[1])
	if err != nil {
		_ = cond.Close()
		return nil, err
	}
	q, err := u.queueOf(class, state)
	if err != nil {
		_ = cond.Close()
		_ = unfinished.Close()
		return nil, err
	}
	return newJoinableQueue(q, cond, unfinished), nil
}
