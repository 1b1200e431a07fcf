package synchronize

import (
	"context"
	"errors"
	"sync/atomic"
)

// Wait waits until as many wait as the barrier has parties, and returns which of them this one was, from 0.
// The error is ErrBroken, and as well the cause of ctx if it is this wait that broke the barrier because its
// time was over: see errors.Is.
func (b *Barrier) Wait(ctx context.Context) (index int, err error) {
	if b.options.Timeout > 0 {
		timed, cancel := context.WithTimeout(ctx, b.options.Timeout)
		defer cancel()
		ctx = timed
	}
	err = b.locked(ctx, func(me *Owner) (err error) {
		if err := b.enter(ctx, me); err != nil {
			return err
		}
		index = int(atomic.AddInt32(b.count, 1)) - 1
		defer func() { err = errors.Join(err, b.leave(ctx, me)) }() // also if the action panics
		if index+1 == b.parties {
			return b.open(ctx, me)
		}
		return b.waitForOthers(ctx, me)
	})
	return index, err
}

// enter waits while those of the round before leave.
func (b *Barrier) enter(ctx context.Context, me *Owner) error {
	err := b.cond.WaitFor(ctx, me, func() bool { return !b.is(draining) && !b.is(resetting) })
	if err == nil && b.is(broken) {
		return ErrBroken
	}
	return err
}

// open lets all go on: this one is the last.
func (b *Barrier) open(ctx context.Context, me *Owner) error {
	if b.options.Action != nil {
		if err := b.act(ctx, me); err != nil {
			return err
		}
	}
	return b.become(ctx, me, draining)
}

// act calls the action, and breaks the barrier where it fails, by a panic too.
func (b *Barrier) act(ctx context.Context, me *Owner) (err error) {
	ended := false
	defer func() {
		if !ended || err != nil {
			err = errors.Join(err, b.become(ctx, me, broken))
		}
	}()
	err = b.options.Action()
	ended = true
	return err
}

// waitForOthers waits until the last one has come.
func (b *Barrier) waitForOthers(ctx context.Context, me *Owner) error {
	err := b.cond.WaitFor(ctx, me, func() bool { return !b.is(filling) })
	if !b.cond.lock.holds(me) {
		return err
	}
	if err != nil {
		return errors.Join(ErrBroken, err, b.become(ctx, me, broken))
	}
	if b.is(broken) || b.is(resetting) {
		return ErrBroken
	}
	return nil
}

// leave goes out of a round, and begins the next one if it is the last to go. It counts itself off even if the lock is
// lost, for nobody else ever would.
func (b *Barrier) leave(ctx context.Context, me *Owner) error {
	if atomic.AddInt32(b.count, -1) > 0 || !b.is(draining) && !b.is(resetting) || !b.cond.lock.holds(me) {
		return nil
	}
	return b.become(ctx, me, filling)
}

// Reset makes the barrier one that nobody waits at. Those who do get ErrBroken.
func (b *Barrier) Reset(ctx context.Context) error {
	return b.locked(ctx, func(me *Owner) error {
		if atomic.LoadInt32(b.count) == 0 {
			return b.become(ctx, me, filling)
		}
		if b.is(filling) || b.is(broken) {
			return b.become(ctx, me, resetting)
		}
		return nil
	})
}

// Repair says that n processes have died in Wait. It breaks the barrier, so that those who wait with them get
// ErrBroken, and after a Reset it can be used again. Before it Python's methods may hang for ever, and those
// go on.
func (b *Barrier) Repair(ctx context.Context, n int) error {
	if err := b.cond.Repair(n); err != nil {
		return err
	}
	return b.locked(ctx, func(me *Owner) error {
		atomic.StoreInt32(b.count, max(atomic.LoadInt32(b.count)-int32(min(n, b.parties)), 0))
		return b.become(ctx, me, broken)
	})
}

// Abort breaks the barrier: those who wait, and who come later, get ErrBroken.
func (b *Barrier) Abort(ctx context.Context) error {
	return b.locked(ctx, func(me *Owner) error { return b.become(ctx, me, broken) })
}
