package queues

import (
	"context"
	"sync"
	"sync/atomic"

	"mpbridge/internal/pipeend"
	"mpbridge/pickle"
	"mpbridge/synchronize"
)

// pipeQueue is what all queues are: a pipe, and a lock for each of its ends.
type pipeQueue struct {
	opts         *Options
	rlock, wlock *synchronize.Lock
	in           *reader
	out          *writer

	more  []shared    // that the kind of queue has besides
	names atomic.Bool // made here: Close removes them
	once  sync.Once
	ends  atomic.Int32 // that are still open; the last one closes more
	torn  error

	life context.Context // ends with Close, or with both ends
	kill context.CancelCauseFunc
}

// shared is what package synchronize makes.
type shared interface {
	Close() error
	Unlink() error
}

// newPipeQueue makes the queue of two ends and two locks and takes them over.
func newPipeQueue(r, w *pipeend.End, rlock, wlock *synchronize.Lock, o *Options) *pipeQueue {
	q := &pipeQueue{opts: o, rlock: rlock, wlock: wlock}
	q.ends.Store(2)
	q.life, q.kill = context.WithCancelCause(context.Background())
	q.in = newReader(r, rlock, o.MaxMessage)
	q.out = newWriter(w, wlock, func() {
		_ = wlock.Close()
		q.ended()
	})
	return q
}

// makePipeQueue makes a pipe and its locks.
func makePipeQueue(o *Options) (*pipeQueue, error) {
	r, w, err := pipeend.Pipe()
	if err != nil {
		return nil, err
	}
	var locks [2]*synchronize.Lock
	for i := range locks {
		if locks[i], err = synchronize.NewLock(o.Synchronize); err != nil {
			_ = r.Close()
			_ = w.Close()
			if i > 0 {
				discard(locks[0])
			}
			return nil, err
		}
	}
	q := newPipeQueue(r, w, locks[0], locks[1], o)
	q.names.Store(true)
	return q, nil
}

// discard closes what was just made, and removes its names.
func discard(made ...shared) {
	for _, s := range made {
		_ = s.Unlink()
		_ = s.Close()
	}
}

// frame pickles an item.
func (q *pipeQueue) frame(v any) (*frame, error) {
	parts, err := q.opts.Encode.Buffers(v)
	if err != nil {
		return nil, err
	}
	return newFrame(parts, q.opts.MaxSend)
}

// item opens what was taken.
func (q *pipeQueue) item(p []byte, err error) (pickle.Raw, error) {
	if err != nil {
		return pickle.Raw{}, err
	}
	raw, err := pickle.ParseRaw(p)
	if err != nil {
		return pickle.Raw{}, &ItemError{Bytes: p, Err: err}
	}
	return raw.WithOptions(q.opts.Decode), nil
}

// decoding are the options by which items become values.
func (q *pipeQueue) decoding() (o pickle.DecodeOptions) {
	if q.opts.Decode != nil {
		o = *q.opts.Decode
	}
	return o
}

func (q *pipeQueue) getFrame(ctx context.Context) ([]byte, error) { return q.in.get(ctx) }
func (q *pipeQueue) tryGetFrame() ([]byte, error)                 { return q.in.tryGet() }

// Get takes the next item, and waits for one until ctx ends; the error is the cause of ctx then. An item that is no
// pickle is an *ItemError, one that is too long a *LimitError; both are taken. Where ctx ends while an item is on its
// way, Get waits for the rest as long as it keeps coming, and fails with ErrStalled if it does not.
// io.EOF says that all who could put have closed their end.
func (q *pipeQueue) Get(ctx context.Context) (pickle.Raw, error) { return q.item(q.in.get(ctx)) }

// TryGet is Get without waiting: it fails with ErrEmpty where there is no item, or another process is about to take it.
func (q *pipeQueue) TryGet() (pickle.Raw, error) { return q.item(q.in.tryGet()) }

// Empty tells whether there is no item. Another process may put or take one at any time.
func (q *pipeQueue) Empty() bool {
	ready, err := q.in.end.Readable()
	return err != nil || !ready
}

// Locks are those by which processes take turns in getting and in putting. A stock process that was killed while it waited
// in get has kept rlock: who knows that it is dead, and was not in the middle of an item, calls Repair of it.
func (q *pipeQueue) Locks() (rlock, wlock *synchronize.Lock) { return q.rlock, q.wlock }

// CloseReader gives up taking items: a queue whose readers have all ended fails those who put. What waits in Get fails
// with ErrClosed. It waits for an item that is on its way, and fails with ErrTorn if the rest of that stays away.
func (q *pipeQueue) CloseReader() error {
	q.once.Do(func() {
		q.torn = q.in.close()
		_ = q.rlock.Close()
		q.ended()
	})
	return q.torn
}

// CloseWriter gives up putting items: a program that only takes sees io.EOF when all who put have ended. What was put
// still leaves.
func (q *pipeQueue) CloseWriter() { q.out.close() }

// Close ends the use of the queue by this process: what waits in Get or Put fails with ErrClosed. What was put still
// leaves; JoinThread waits for that, CancelJoinThread ends it. Where the queue was made here, its names are
// removed, so that who has not opened it yet cannot any more. The error is ErrTorn if half an item was read.
func (q *pipeQueue) Close() error {
	if q.names.Swap(false) {
		for _, s := range append(q.more, q.rlock, q.wlock) {
			_ = s.Unlink()
		}
	}
	q.kill(ErrClosed)
	err := q.CloseReader()
	q.CloseWriter()
	return err
}

// ended closes what both ends need.
func (q *pipeQueue) ended() {
	if q.ends.Add(-1) > 0 {
		return
	}
	q.kill(ErrClosed)
	for _, s := range q.more {
		_ = s.Close()
	}
}

// JoinThread waits until all that was put here has left for the pipe, or until ctx ends; join_thread() of Python, which may
// be called before Close as well. The error is that by which putting failed, if it did.
func (q *pipeQueue) JoinThread(ctx context.Context) error { return q.out.join(ctx) }

// CancelJoinThread drops what was put here and has not begun to leave, and returns how many items that were; their places
// are given back. After Close it does not wait for one that has begun either, which leaves half of it, and the queue
// of use to nobody: ErrTorn of JoinThread.
func (q *pipeQueue) CancelJoinThread() int { return q.out.cancel() }
