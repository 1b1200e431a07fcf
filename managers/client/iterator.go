package client

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// Iterator is an iterator in a manager: over a dict, of Pool.imap, of any generator.
type Iterator struct {
	*Proxy
	turn chan struct{} // full while a Next is under way; guards asked
	// asked is the request for the next value that is under way: a Next whose ctx ends leaves it to
	// the Next after it, so that no value is lost.
	asked chan outcome
	here  bool  // the values came with the iterator; constant
	left  []any // those of them that are left; guarded by turn

	mu     sync.Mutex // all below
	giveUp context.CancelFunc
	closed bool
}

// outcome is what came of a call.
type outcome struct {
	v   any
	err error
}

// AsIterator wraps the proxy of an iterator.
func AsIterator(p *Proxy) *Iterator {
	return &Iterator{Proxy: p, turn: make(chan struct{}, 1)}
}

// IteratorOf returns v, what a method of p has returned, as an iterator, if it is one: a proxy that has __next__, or an
// iterator that came by value, with all that it has left; the Proxy of that is p. It reports whether v is one.
func IteratorOf(p *Proxy, v any) (*Iterator, bool) {
	if next, ok := v.(*Proxy); ok {
		return AsIterator(next), next.Has("__next__")
	}
	o, ok := v.(*pickle.Object)
	if !ok || !o.IsA("builtins", "iter") {
		return nil, false
	}
	items, err := values.Iterate(o)
	if err != nil {
		return nil, false
	}
	it := AsIterator(p)
	it.here, it.left = true, items
	return it, true
}

// Next returns the next value, and waits for it until ctx ends. Then nothing is lost: the next Next
// returns that value. ErrStopIteration says that there are no more.
func (it *Iterator) Next(ctx context.Context) (any, error) {
	select {
	case it.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-it.turn }()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if it.here {
		return it.shift()
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

// shift returns the next of the values that are here.
func (it *Iterator) shift() (any, error) {
	if len(it.left) == 0 {
		return nil, managers.ErrStopIteration
	}
	v := it.left[0]
	it.left = it.left[1:]
	return v, nil
}

// step is the call that gives the next value. Python 2 exposes both next and __next__, but its iterators have only the
// first. billiard means to expose __next__, but misspells the name under which it says so, and exposes what does
// not start with _: the next of a pool's iterators, the send of generators, of a dict's iterator nothing.
func (it *Iterator) step() (method string, args []any, err error) {
	switch {
	case it.Has("next") && (it.client.dialect.NativeBytes || !it.Has("__next__")):
		return "next", nil, nil
	case it.Has("__next__"):
		return "__next__", nil, nil
	case it.Has("send"):
		return "send", []any{nil}, nil
	}
	return "", nil, fmt.Errorf("managers: an iterator without __next__, next and send")
}

// ask starts a request. It ends with the reply, with Close, or with the client.
func (it *Iterator) ask() (chan outcome, error) {
	method, args, err := it.step()
	if err != nil {
		return nil, err
	}
	life, end := context.WithCancel(it.client.life)
	asked := make(chan outcome, 1)
	it.mu.Lock()
	defer it.mu.Unlock()
	it.giveUp = end
	if it.closed {
		end()
	}
	err = it.client.background(func() {
		defer end()
		v, err := it.Call(life, method, args...)
		asked <- outcome{v, err}
	})
	if err != nil {
		end()
		return nil, err
	}
	return asked, nil
}

// All yields the values until there are no more. An error is the last that it yields.
func (it *Iterator) All(ctx context.Context) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for {
			v, err := it.Next(ctx)
			if err != nil {
				ended(err, managers.ErrStopIteration, yield)
				return
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

// Close ends a request that is under way and gives the reference back.
func (it *Iterator) Close(ctx context.Context) error {
	if it.here {
		return nil
	}
	it.mu.Lock()
	it.closed = true
	if it.giveUp != nil {
		it.giveUp()
	}
	it.mu.Unlock()
	return it.Proxy.Close(ctx)
}
