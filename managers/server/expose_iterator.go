package server

import (
	"context"
	"iter"
	"log/slog"
	"reflect"
	"sync"

	"mpbridge/internal/guard"
	"mpbridge/managers"
	"mpbridge/managers/internal/waits"
	"mpbridge/pickle"
)

// goIterator goes over a channel or a sequence that a method returned. It may run code of the
// program that waits, so that nobody waits for its mutex: a step is taken by whoever holds the token.
type goIterator struct {
	life   context.Context // of what the method began
	cancel context.CancelFunc
	token  chan struct{}
	next   func(c *Call) (v any, ok bool, err error)
	end    func() // by whoever holds the token, once
	log    *slog.Logger
	heeds  bool // the sequence knows the context, and can be told that nobody waits for it

	mu     sync.Mutex
	closed bool
}

var goIteratorMethods = Methods[*goIterator]{
	"__next__": builtin(everyone, "generator.__next__", (*goIterator).callNext, 0, 0),
	"next":     builtin(everyone, "generator.next", (*goIterator).callNext, 0, 0).Hidden(),
	"close":    builtin(everyone, "generator.close", (*goIterator).callClose, 0, 0).Hidden(),
}

var goIteratorClass = describe(description[*goIterator]{
	kind: "generator", methods: goIteratorMethods, saved: saveNothing,
	observe: unobserved[*goIterator],
})

// Methods lists what clients may call.
func (*goIterator) Methods() []string { return goIteratorClass.listed }

// Call answers one call.
func (i *goIterator) Call(c *Call) (any, error) { return goIteratorMethods.Call(i, c) }

func (*goIterator) class() *class { return goIteratorClass }

// String is what Python shows, without the address in memory.
func (i *goIterator) String() string { return "<generator object>" }

// isIterable reports whether values of a type become iterators.
func isIterable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Chan:
		return t.ChanDir()&reflect.RecvDir != 0
	case reflect.Func:
		return t.CanSeq() || t.CanSeq2()
	}
	return false
}

// iterate calls a method whose result is iterated over. Its context outlives the call.
func (f *function) iterate(c *Call, fn reflect.Value) (any, error) {
	life, cancel := context.WithCancel(c.server.lifetime)
	lives := false
	if f.wantsContext() {
		stop := context.AfterFunc(c.Context(), cancel)
		defer stop()
	}
	defer func() {
		if !lives {
			cancel()
		}
	}()
	out, err := f.run(c, life, fn)
	if err != nil {
		return nil, err
	}
	lives = true
	i := newGoIterator(out[0], life, cancel)
	i.heeds, i.log = f.wantsContext(), c.server.objects.log
	return i, nil
}

func newGoIterator(v reflect.Value, life context.Context, cancel context.CancelFunc) *goIterator {
	i := &goIterator{life: life, cancel: cancel, token: make(chan struct{}, 1), end: func() {}}
	i.token <- struct{}{}
	switch t := v.Type(); {
	case v.IsNil():
		i.next = func(*Call) (any, bool, error) { return nil, false, nil }
	case t.Kind() == reflect.Chan:
		i.next = func(c *Call) (any, bool, error) { return i.receive(c, v) }
	case t.CanSeq2():
		next, stop := iter.Pull2(v.Seq2())
		fails := t.In(0).In(1) == errorType
		i.end = stop
		i.next = func(c *Call) (any, bool, error) {
			k, v, ok := next()
			if !ok || !fails {
				return seqPair(k, v, ok), ok, nil
			}
			if err, _ := v.Interface().(error); err != nil {
				return nil, false, c.failure(err)
			}
			return k.Interface(), true, nil
		}
	default:
		next, stop := iter.Pull(v.Seq())
		i.end = stop
		i.next = func(*Call) (any, bool, error) {
			v, ok := next()
			if !ok {
				return nil, false, nil
			}
			return v.Interface(), true, nil
		}
	}
	return i
}

func seqPair(k, v reflect.Value, ok bool) any {
	if !ok {
		return nil
	}
	return pickle.Tuple{k.Interface(), v.Interface()}
}

// receive takes a value out of a channel. The connection is watched only while there is none.
func (i *goIterator) receive(c *Call, ch reflect.Value) (any, bool, error) {
	v, ok := ch.TryRecv()
	if !ok && !v.IsValid() {
		chosen := 0
		chosen, v, ok = reflect.Select([]reflect.SelectCase{
			{Dir: reflect.SelectRecv, Chan: ch},
			{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(i.life.Done())},
			{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c.Context().Done())},
			{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c.server.stop)},
		})
		switch chosen {
		case 2:
			return nil, true, waits.ErrGone
		case 3: // to wait for a value is no work
			return nil, true, waits.ErrStopped
		}
		ok = ok && chosen == 0
	}
	if !ok {
		return nil, false, nil
	}
	return v.Interface(), true, nil
}

func (i *goIterator) callNext(c *Call) (any, error) {
	select {
	case <-i.token:
	default:
		select {
		case <-i.token:
		case <-i.life.Done():
			return nil, i.exhausted(c)
		case <-c.Context().Done():
			return nil, waits.ErrGone
		case <-c.server.stop:
			return nil, waits.ErrStopped
		}
	}
	defer i.giveBack()
	if i.heeds {
		stop := context.AfterFunc(c.Context(), i.cancel)
		defer stop()
	}
	v, ok, err := i.next(c)
	switch {
	case err != nil:
		if !ok {
			i.cancel()
		}
		return nil, err
	case !ok:
		return nil, i.exhausted(c)
	}
	return v, nil
}

// exhausted is how the iteration ends: where the server stops, not as if there were no more values.
func (i *goIterator) exhausted(c *Call) error {
	i.cancel()
	if c.server.lifetime.Err() != nil {
		return waits.ErrStopped
	}
	return managers.ErrStopIteration
}

// giveBack ends a step, and the iteration if it was closed meanwhile.
func (i *goIterator) giveBack() {
	i.mu.Lock()
	closed := i.closed
	if !closed {
		i.token <- struct{}{}
	}
	i.mu.Unlock()
	if closed {
		i.end()
	}
}

func (i *goIterator) callClose(*Call) (any, error) { return nil, i.Close() }

// Close ends the iteration. A step that is under way learns it from its context.
func (i *goIterator) Close() error {
	i.mu.Lock()
	closed := i.closed
	i.closed = true
	i.mu.Unlock()
	i.cancel()
	if closed {
		return nil
	}
	select {
	case <-i.token:
		_ = guard.Apart(i.log, "the end of a sequence", func() error {
			i.end()
			return nil
		})
	default: // who holds the token ends it
	}
	return nil
}
