package pool

import (
	"context"
	"iter"
	"maps"
	"math"
	"slices"
	"time"

	"mpbridge/internal/option"
	"mpbridge/pickle"
)

// MapOptions are for one map. The zero value, as nil, means the defaults.
type MapOptions struct {
	// Chunk is how many items are one task. 0 means for Map and StarMap a quarter of each worker's
	// share, as Pool._map_async has it, and for IMap and IMapUnordered 1.
	Chunk int
	// Star says that each item is a list of arguments, as for StarMap.
	Star bool
	// LookAhead is how many chunks may be waiting, at work or not yet asked for; 0 means as many as
	// keep the workers busy, with at most 16 MB of items where two for each worker are not more.
	LookAhead int
	// Timeout is instead of Options.TaskTimeout; negative means none. It is for one item: a chunk
	// may take as many times as long as it has items. Chunks that have one are not sent ahead.
	Timeout time.Duration
	// Retries is instead of Options.Retries; negative means none.
	Retries int
	// Retried, if not nil, is told of each item that is tried again, or the first one of its chunk, and of
	// what ended its last try. Calls may overlap, and tasks wait for it.
	Retried func(item int, why error)
}

// check returns an *OptionError for what is out of its range; o may be nil.
func (o *MapOptions) check() error {
	if o == nil {
		return nil
	}
	return option.Check("pool", option.Int("Chunk", o.Chunk, 0, math.MaxInt),
		option.Int("LookAhead", o.LookAhead, 0, math.MaxInt32))
}

// copied returns the options; o may be nil.
func (o *MapOptions) copied() MapOptions {
	if o == nil {
		return MapOptions{}
	}
	return *o
}

// ChunkSize is how many items Map puts into one task of a pool of so many workers: Pool._map_async.
func ChunkSize(items, workers int) int {
	size := items / (workers * 4)
	if items%(workers*4) != 0 {
		size++
	}
	return size
}

// Map calls fn with each of the items and returns the results in their order. The first failure
// ends it: the error is an *ItemError that wraps one of those of Call. Chunks that run are then
// left to themselves, others are not begun.
func Map[T, A any](ctx context.Context, p *Pool, fn any, items []A, o *MapOptions) ([]T, error) {
	return collect[T](ctx, p, fn, items, o.copied())
}

// StarMap is Map for functions of several arguments, of which each item is a list.
func StarMap[T, A any](ctx context.Context, p *Pool, fn any, items [][]A, o *MapOptions) ([]T, error) {
	opts := o.copied()
	opts.Star = true
	return collect[T](ctx, p, fn, items, opts)
}

// IMap calls fn with each item of a sequence and yields the results in the order of the items, each
// with its own error, an *ItemError; other items go on. If ctx ends or the pool does, the last pair
// is the error. The sequence is read in the loop's goroutine, no further ahead than
// MapOptions.LookAhead: while it makes the loop wait for an item, results wait, too. Where the loop
// is left early, chunks that run are left to themselves.
func IMap[T, A any](ctx context.Context, p *Pool, fn any, items iter.Seq[A],
	o *MapOptions) iter.Seq2[T, error] {
	return imap[T](ctx, p, fn, items, o, true)
}

// IMapUnordered is IMap with the results in the order in which they come.
func IMapUnordered[T, A any](ctx context.Context, p *Pool, fn any, items iter.Seq[A],
	o *MapOptions) iter.Seq2[T, error] {
	return imap[T](ctx, p, fn, items, o, false)
}

func collect[T, A any](ctx context.Context, p *Pool, fn any, items []A, opts MapOptions) ([]T, error) {
	if err := opts.check(); err != nil {
		return nil, err
	}
	if opts.Chunk == 0 {
		opts.Chunk = max(ChunkSize(len(items), p.Size()), 1)
	}
	s, err := newStream(p, fn, &opts)
	if err != nil {
		return nil, err
	}
	cutSlice(s, items, opts.Chunk)
	out := make([]T, len(items))
	s.run(ctx, func(c piece) bool {
		err = c.err
		if c.index >= 0 {
			err = fill(s, c, out[c.first:c.first+c.items])
		}
		return err == nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// fill stores the results of a piece in out and returns the first error.
func fill[T any](s *stream, c piece, out []T) error {
	failed, err := open(s, c, out)
	first := 0
	if err == nil && len(failed) > 0 {
		first = slices.Min(slices.Collect(maps.Keys(failed)))
		err = failed[first]
	}
	if err != nil {
		return &ItemError{Index: c.first + first, Err: err}
	}
	return nil
}

func imap[T, A any](ctx context.Context, p *Pool, fn any, items iter.Seq[A], o *MapOptions,
	ordered bool) iter.Seq2[T, error] {
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
		defer cutSeq(s, items, opts.Chunk)()
		s.ordered = ordered
		s.run(ctx, handOver(s, yield))
	}
}

// handOver yields the results of each piece.
func handOver[T any](s *stream, yield func(T, error) bool) func(piece) bool {
	return func(c piece) bool {
		if c.index < 0 {
			var zero T
			return yield(zero, c.err)
		}
		for v, err := range values[T](s, c) {
			if !yield(v, err) {
				return false
			}
		}
		return true
	}
}

// newStream makes the stream of a map.
func newStream(p *Pool, fn any, o *MapOptions) (*stream, error) {
	j, err := p.newJob(fn, o.Timeout, o.Retries)
	if err != nil {
		return nil, err
	}
	j.ahead, j.retried = j.timeout == 0, o.Retried
	s := &stream{pool: p, job: j, most: max(o.LookAhead, 0), wake: make(chan struct{}, 1),
		early: map[int]piece{}, single: o.Chunk == 1, star: o.Star}
	j.finish = s.put
	return s, nil
}

// cutSlice has the stream cut a slice.
func cutSlice[A any](s *stream, items []A, chunk int) {
	s.next = func() (any, int) {
		n := min(chunk, len(items))
		now := items[:n]
		items = items[n:]
		if n > 1 {
			if r, ok := rawNumbers(now, s.pool.encode); ok {
				return r, n
			}
		}
		part := make(pickle.Tuple, n)
		for i, v := range now {
			part[i] = v
		}
		return part, n
	}
}

// cutSeq has the stream cut a sequence, and returns what ends reading it.
func cutSeq[A any](s *stream, items iter.Seq[A], chunk int) (stop func()) {
	next, stop := iter.Pull(items)
	s.next = func() (any, int) {
		var part pickle.Tuple
		for len(part) < chunk {
			v, ok := next()
			if !ok {
				break
			}
			part = append(part, v)
		}
		return part, len(part)
	}
	return stop
}
