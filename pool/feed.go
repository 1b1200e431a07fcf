package pool

import (
	"context"
	"iter"

	"mpbridge/pickle"
)

// Arguments are those of one call of IMapChan.
type Arguments struct {
	Args   []any
	Kwargs Kwargs
	// Err, if it is not nil, says why there are no arguments. It is the result, in its place.
	Err error
}

// IMapChan calls fn with the arguments that come from a channel, until that is closed, and yields the
// results in the order of the calls, each with its own error, an *ItemError; other calls go on. A result is
// yielded when it and all before it are there, whether or not the channel has more: what IMap, which waits
// for its sequence, cannot do. If ctx ends or the pool does, the last pair is the error.
//
// No more calls are taken from the channel than MapOptions.LookAhead says. A chunk of fewer than
// MapOptions.Chunk calls begins when the channel has none just now and a worker would have nothing to do.
// MapOptions.Star means nothing here.
func IMapChan[T any](ctx context.Context, p *Pool, fn any, calls <-chan Arguments,
	o *MapOptions) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		if err := o.check(); err != nil {
			yield(zero, err)
			return
		}
		opts := o.copied()
		opts.Chunk = max(opts.Chunk, 1)
		s, err := newStream(p, fn, &opts)
		if err != nil {
			yield(zero, err)
			return
		}
		s.ordered = true
		f := &feed{stream: s, calls: calls, chunk: opts.Chunk}
		f.run(ctx, handOver(s, yield))
	}
}

// feed drives a stream whose calls come from a channel.
type feed struct {
	*stream
	calls <-chan Arguments
	chunk int
	part  []Arguments // of the chunk that is not full
}

func (f *feed) run(ctx context.Context, yield func(piece) bool) {
	err := f.pool.openJob(ctx, f.job)
	if err == nil {
		defer f.pool.closeJob(f.job)
	}
	for err == nil {
		var c piece
		var more bool
		if c, more, err = f.step(ctx); err == nil && (!more || !yield(c)) {
			return
		}
	}
	yield(piece{index: -1, outcome: outcome{err: err}})
}

// step returns the next piece, and takes calls until it is there. At the end of the calls there is none.
func (f *feed) step(ctx context.Context) (c piece, more bool, err error) {
	for {
		if c, ok := f.ready(); ok {
			// What the end of ctx has ended is no result.
			if cause := context.Cause(ctx); cause == nil || c.err != cause {
				return c, true, nil
			}
		}
		if ctx.Err() != nil {
			return c, false, context.Cause(ctx)
		}
		calls := f.calls
		if f.exhausted || !f.mayMake() {
			calls = nil
		}
		select {
		case a, ok := <-calls:
			if err := f.arrive(a, ok); err != nil {
				return c, false, err
			}
			continue
		default:
		}
		switch {
		case len(f.part) > 0 && (f.exhausted || f.chunks-f.handed < f.pool.Size()):
			if err := f.cut(); err != nil {
				return c, false, err
			}
			continue
		case f.exhausted && f.handed == f.chunks:
			return c, false, nil
		}
		select {
		case a, ok := <-calls:
			if err := f.arrive(a, ok); err != nil {
				return c, false, err
			}
		case <-f.wake:
		case <-ctx.Done():
		}
	}
}

// ready returns the next piece if it is there; else its coming wakes the driver.
func (f *feed) ready() (c piece, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c, ok = f.early[f.handed]; ok {
		delete(f.early, f.handed)
		f.handed++
		f.bytes -= c.size
		f.held.Add(-int64(len(c.message)))
	}
	f.waiting = !ok
	return c, ok
}

// arrive takes what came from the channel: a call, or its end.
func (f *feed) arrive(a Arguments, ok bool) error {
	if !ok {
		f.exhausted = true
		return nil
	}
	if a.Err == nil {
		if f.part = append(f.part, a); len(f.part) < f.chunk {
			return nil
		}
		return f.cut()
	}
	if err := f.cut(); err != nil {
		return err
	}
	f.refused(1, a.Err)
	return nil
}

// refused puts an error in the place of n calls.
func (f *feed) refused(n int, err error) {
	f.add(piece{index: f.chunks, first: f.items, items: n, outcome: outcome{err: err}})
	f.chunks++
	f.items += n
}

// cut makes a task of the calls that are there.
func (f *feed) cut() error {
	n := len(f.part)
	if n == 0 {
		return nil
	}
	t, err := f.callTask(f.part)
	clear(f.part)
	f.part = f.part[:0]
	if err != nil {
		f.refused(n, err)
		return nil
	}
	t.first = f.items
	f.chunks++
	f.items += n
	f.bytes += t.size
	return f.pool.enqueue(t)
}

// callTask makes the task of some calls.
func (f *feed) callTask(calls []Arguments) (*task, error) {
	p, j := f.pool, f.job
	if f.single {
		return p.newTask(j, f.chunks, 1, j.fn.value, pickle.Tuple(calls[0].Args), calls[0].Kwargs)
	}
	items := make(pickle.Tuple, len(calls))
	for i, a := range calls {
		kwargs := any(pickle.NewDict())
		if len(a.Kwargs) > 0 {
			kwargs = map[string]any(a.Kwargs)
		}
		items[i] = pickle.Tuple{pickle.Tuple(a.Args), kwargs}
	}
	args := pickle.Tuple{j.fn.value, items, int64(starKeywords)}
	return p.newTask(j, f.chunks, len(calls), chunkFunction, args, nil)
}

// starKeywords has chunk of worker.py take each item as a tuple of arguments and a dict of keyword arguments.
const starKeywords = 2
