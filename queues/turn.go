package queues

import "context"

// turn lets one goroutine of this process at a time read from a pipe.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// take waits until ctx ends for its turn.
func (t turn) take(ctx context.Context) error {
	if t.try() {
		return nil
	}
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t turn) try() bool {
	select {
	case t <- struct{}{}:
		return true
	default:
		return false
	}
}

func (t turn) leave() { <-t }

// either gives a context that ends when one of the two does; done gives back what it takes.
func either(ctx, life context.Context) (_ context.Context, done func()) {
	if ctx.Done() == nil {
		return life, func() {}
	}
	both, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(life, func() { cancel(context.Cause(life)) })
	return both, func() {
		stop()
		cancel(nil)
	}
}
