package queues

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"mpbridge/connection"
	"mpbridge/internal/pipeend"
)

// lock is what processes that share a pipe take turns by: a synchronize.Lock. Whoever took it need not be who releases it.
type lock interface {
	TryAcquire() bool
	Acquire(ctx context.Context) error
	Release() error
}

// reader takes frames out of a pipe that several processes read.
//
// The lock is not held while nothing comes: a process that is killed as it waits takes nothing with it. Once the first
// byte of a frame is out of the pipe there is no way back, and the lock is held until the last one is.
type reader struct {
	end   *pipeend.End
	lock  lock
	limit int64
	taken func() // called for each frame, with the lock held; nil where nothing counts
	life  context.Context
	kill  context.CancelCauseFunc // ends life
	once  sync.Once
	torn  error // of close

	turn  turn // what follows
	part  part
	begun bool  // part has a byte of a frame, and the lock is held
	err   error // of every later get
}

func newReader(end *pipeend.End, l lock, limit int64) *reader {
	r := &reader{end: end, lock: l, limit: limit, turn: newTurn()}
	r.life, r.kill = context.WithCancelCause(context.Background())
	return r
}

// close ends what waits, and then closes the end. ErrTorn says that part of a frame was read.
func (r *reader) close() error {
	r.once.Do(func() {
		r.kill(ErrClosed)
		_ = r.turn.take(context.Background())
		defer r.turn.leave()
		_ = r.end.Close()
		if r.begun {
			r.torn = ErrTorn
		}
	})
	return r.torn
}

// patience is how long a get that should end waits for the next byte of a frame that has begun.
var patience = time.Second

// errNothing says that no frame has begun.
var errNothing = errors.New("queues: nothing there")

// get takes the next frame, and waits for one until ctx ends.
func (r *reader) get(ctx context.Context) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if !r.turn.try() {
		both, done := either(ctx, r.life)
		err := r.turn.take(both)
		done()
		if err != nil {
			return nil, err
		}
	}
	defer r.turn.leave()
	if p, err := r.try(ctx); err != errNothing {
		return p, err
	}
	return r.wait(ctx)
}

// tryGet is get that does not wait: ErrEmpty.
func (r *reader) tryGet() ([]byte, error) {
	if !r.turn.try() {
		return nil, r.emptyOrClosed()
	}
	defer r.turn.leave()
	p, err := r.try(expired)
	if err == errNothing {
		err = r.emptyOrClosed()
	}
	return p, err
}

// emptyOrClosed is ErrEmpty unless the queue is closed.
func (r *reader) emptyOrClosed() error {
	if r.life.Err() != nil {
		return context.Cause(r.life)
	}
	return ErrEmpty
}

// expired is a context that is over.
var expired = func() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(nil)
	return ctx
}()

// try takes a frame if one is there and nobody else has the lock, else it is errNothing.
func (r *reader) try(ctx context.Context) ([]byte, error) {
	switch {
	case r.life.Err() != nil:
		return nil, context.Cause(r.life)
	case r.err != nil:
		return nil, r.err
	case !r.begun && !r.lock.TryAcquire():
		return nil, errNothing
	}
	return r.locked(ctx)
}

// wait is the slow half of get.
func (r *reader) wait(ctx context.Context) ([]byte, error) {
	both, done := either(ctx, r.life)
	defer done()
	for {
		// First for something to read, which takes no thread and no lock.
		if err := r.end.AwaitRead(both); err != nil {
			return nil, err
		}
		if err := r.lock.Acquire(both); err != nil {
			return nil, err
		}
		if p, err := r.locked(both); err != errNothing {
			return p, err
		}
	}
}

// locked takes a frame with the lock held, and releases it unless the frame is here in part.
func (r *reader) locked(ctx context.Context) ([]byte, error) {
	p, err := r.frame(ctx)
	if r.begun && !errors.Is(err, ErrStalled) {
		r.begun = false
		if r.taken != nil && (err == nil || errors.As(err, new(*LimitError))) {
			r.taken()
		}
	}
	if !r.begun {
		// It fails where somebody else has released the lock already; the frame is here all the same.
		_ = r.lock.Release()
	}
	return p, err
}

// frame reads the rest of the frame, or errNothing where there is none.
func (r *reader) frame(ctx context.Context) ([]byte, error) {
	if !r.begun {
		r.part = part{limit: r.limit}
	}
	for {
		p, err := r.part.room()
		if err != nil {
			return nil, r.fail(err)
		}
		if len(p) == 0 {
			break
		}
		n, err := r.end.Read(p)
		switch {
		case err == nil:
			r.begun = true
			r.part.add(n)
			continue
		case errors.Is(err, pipeend.ErrWouldBlock):
			if !r.begun {
				return nil, errNothing
			}
			if err := r.rest(ctx); err != nil {
				return nil, err
			}
		case err == io.EOF && r.begun:
			return nil, r.fail(io.ErrUnexpectedEOF)
		default:
			return nil, r.fail(err)
		}
	}
	return r.part.frame()
}

// fail makes err that of every later get.
func (r *reader) fail(err error) error {
	if r.life.Err() != nil {
		return context.Cause(r.life)
	}
	r.err = err
	return err
}

// rest waits for more of a frame that has begun. Who wrote its beginning is writing the rest, so it comes soon, and
// leaving now would leave half a frame: the end of ctx counts only when nothing comes for a while.
func (r *reader) rest(ctx context.Context) error {
	both, done := either(ctx, r.life)
	defer done()
	err := r.end.AwaitRead(both)
	if err == nil || both.Err() == nil {
		return err
	}
	grace, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if r.end.AwaitRead(grace) == nil {
		return nil
	}
	if ctx == expired {
		return ErrStalled
	}
	return fmt.Errorf("%w: %w", ErrStalled, context.Cause(both))
}

// part is a frame that is being read.
type part struct {
	limit int64
	head  [12]byte
	have  int // bytes of head
	known bool
	size  uint64 // of the body, once known
	body  []byte // what has come of it
	left  uint64 // of a body that is too long, and read away
	drop  bool
}

const (
	trusted    = 128 << 10 // bytes of memory that are taken on the word of a header alone
	trustShift = 6         // of a longer body, 1/64 must have come before the rest is taken
)

// room is where to read to; nothing if the frame is whole.
func (p *part) room() ([]byte, error) {
	if !p.known {
		size, n, err := connection.ParseHeader(p.head[:p.have])
		switch {
		case err != nil:
			return nil, err
		case n == 0 && p.have < 4:
			return p.head[p.have:4], nil
		case n == 0:
			return p.head[p.have:], nil
		case size > connection.CeilMaxMessage:
			return nil, connection.ErrBadHeader
		}
		p.known, p.size = true, size
		p.drop = size > uint64(p.limit)
		p.left = size
		p.body = make([]byte, 0, min(size, trusted))
	}
	if p.drop {
		return p.body[:min(p.left, uint64(cap(p.body)))], nil
	}
	if len(p.body) == cap(p.body) && uint64(len(p.body)) < p.size {
		p.grow()
	}
	return p.body[len(p.body):cap(p.body)], nil
}

// grow takes memory for more of the body, all of it once enough has come.
func (p *part) grow() {
	more := min(2*uint64(len(p.body)), p.size)
	if uint64(len(p.body)) >= p.size>>trustShift {
		more = p.size
	}
	p.body = append(make([]byte, 0, more), p.body...)
}

// add says that n bytes were read.
func (p *part) add(n int) {
	switch {
	case !p.known:
		p.have += n
	case p.drop:
		p.left -= uint64(n)
	default:
		p.body = p.body[:len(p.body)+n]
	}
}

// frame is the body, once it is whole.
func (p *part) frame() ([]byte, error) {
	body := p.body
	p.body = nil
	if p.drop {
		return nil, &LimitError{What: "item bytes", Limit: p.limit, Got: int64(p.size)}
	}
	return body, nil
}
