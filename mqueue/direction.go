package mqueue

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// direction is sending or receiving. One call at a time waits in the poller, which has one deadline for each;
// the others wait for their turn.
type direction struct {
	raw         syscall.RawConn
	closed      *atomic.Bool  // the queue was
	turn        chan struct{} // holds one while somebody has the turn
	wait        func(try func(fd uintptr) bool) error
	setDeadline func(time.Time) error
	notReady    error // what a try returns that has to wait
}

func newDirection(raw syscall.RawConn, closed *atomic.Bool) direction {
	return direction{raw: raw, closed: closed, turn: make(chan struct{}, 1)}
}

// past is a deadline that is over.
var past = time.Unix(1, 0)

// until tries until the queue is ready, or ctx is over. An error that ctx caused is ctx's own.
func (d *direction) until(ctx context.Context, try func(fd int) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case d.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-d.turn }()
	if err := d.once(try); err != d.notReady {
		return err
	}
	if ctx.Done() == nil {
		return d.poll(ctx, try)
	}
	fired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = d.setDeadline(past)
		close(fired)
	})
	err := d.poll(ctx, try)
	if !stop() {
		<-fired
		_ = d.setDeadline(time.Time{})
	}
	return err
}

// poll tries whenever the poller says that the queue may be ready.
func (d *direction) poll(ctx context.Context, try func(fd int) error) (err error) {
	waited := d.wait(func(fd uintptr) bool {
		err = try(int(fd))
		return err != d.notReady
	})
	if waited != nil {
		return d.cause(ctx, waited)
	}
	return err
}

// once tries without waiting for anything.
func (d *direction) once(try func(fd int) error) (err error) {
	if failed := d.raw.Control(func(fd uintptr) { err = try(int(fd)) }); failed != nil {
		return d.cause(context.Background(), failed)
	}
	return err
}

// cause puts an error of the poller into this package's words.
func (d *direction) cause(ctx context.Context, err error) error {
	switch {
	case d.closed.Load():
		return ErrClosed
	case errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return err
}
