package managers

import (
	"context"
	"iter"
)

// IteratorProxy is an iterator in a manager: over a dict, of Pool.imap, of any generator.
type IteratorProxy struct {
	*Proxy
	turn chan struct{} // full while a Next is under way; guards asked
	// asked is the request for the next value that is under way: a Next whose ctx ends leaves it to
	// the Next after it, so that no value is lost.
	asked chan value
	life  context.Context
	end   context.CancelFunc
}

// value is what came of a call.
type value struct {
	v   any
	err error
}

// AsIterator wraps the proxy of an iterator.
func AsIterator(p *Proxy) *IteratorProxy {
	it := &IteratorProxy{Proxy: p, turn: make(chan struct{}, 1)}
	it.life, it.end = context.WithCancel(p.client.life)
	return it
}

// Next returns the next value, and waits for it until ctx ends. Then nothing is lost: the next Next
// returns that value. ErrStopIteration says that there are no more.
func (it *IteratorProxy) Next(ctx context.Context) (any, error) {
	select {
	case it.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-it.turn }()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if it.asked == nil {
		asked, err := it.ask()
		if err != nil {
			return nil, err
		}
		it.asked = asked
	}
	select {
	case next := <-it.asked:
		it.asked = nil
		return next.v, next.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// ask starts a request. It ends with the reply, with Close, or with the client.
func (it *IteratorProxy) ask() (chan value, error) {
	method := "__next__"
	if it.client.dialect.NativeBytes && it.Has("next") {
		method = "next" // Python 2 exposes both, but its iterators have only this one
	}
	c := it.client
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.life.Err() != nil {
		return nil, ErrClientClosed
	}
	asked := make(chan value, 1)
	c.asking.Go(func() {
		v, err := it.Call(it.life, method)
		asked <- value{v, err}
	})
	return asked, nil
}

// All yields the values until there are no more. An error is the last that it yields.
func (it *IteratorProxy) All(ctx context.Context) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for {
			v, err := it.Next(ctx)
			if err != nil {
				ended(err, ErrStopIteration, yield)
				return
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

// Close ends a request that is under way and gives the reference back.
func (it *IteratorProxy) Close(ctx context.Context) error {
	it.end()
	return it.Proxy.Close(ctx)
}
