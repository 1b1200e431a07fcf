package pool

import (
	"context"
	"sync"
	"sync/atomic"
)

// The look-ahead of a map, where its options say nothing: as many bytes of pickled items may be
// waiting or at work, and of results for their turn, but never fewer than enoughChunks for each worker.
const (
	lookAheadBytes = 16 << 20
	enoughChunks   = 2
)

// piece is what became of one chunk.
type piece struct {
	index, first, items int
	size                int
	outcome
}

// stream cuts a sequence into chunks, keeps so many of them at work, and hands over what becomes of
// them. One goroutine drives it; workers' goroutines bring results.
type stream struct {
	pool    *Pool
	job     *job
	ordered bool // results in the order of the items; else as they come
	most    int  // if not 0: chunks that may be made and not handed over

	single bool // a task is one item, and calls the function itself
	star   bool // an item is a list of arguments

	next      func() (items any, n int) // the next chunk, of n items; 0 at the end
	exhausted bool                      // the sequence has ended
	chunks    int                       // made so far
	items     int                       // in them
	bytes     int                       // in those that were not handed over
	handed    int                       // handed over
	held      atomic.Int64              // bytes of the results that were not

	mu      sync.Mutex
	wake    chan struct{}
	waiting bool
	early   map[int]piece // ordered: those that wait for their turn
	arrived []piece       // not ordered
	taken   []piece       // of come, by the driver
}

// put takes what became of a task: job.finish.
func (s *stream) put(t *task, o outcome) {
	s.add(piece{index: t.index, first: t.first, items: t.items, size: t.size, outcome: o})
}

func (s *stream) add(c piece) {
	s.held.Add(int64(len(c.message)))
	s.mu.Lock()
	wake := s.waiting
	if s.ordered {
		s.early[c.index] = c
		wake = wake && c.index == s.handed
	} else {
		s.arrived = append(s.arrived, c)
	}
	if wake {
		s.waiting = false
	}
	s.mu.Unlock()
	if wake {
		select {
		case s.wake <- struct{}{}:
		default: // it has been woken, and has not looked yet
		}
	}
}

// take returns the next piece to hand over, waiting for it. There must be one to come.
func (s *stream) take() piece {
	for {
		if len(s.taken) > 0 {
			c := s.taken[0]
			s.taken = s.taken[1:]
			return c
		}
		s.mu.Lock()
		if c, ok := s.early[s.handed]; ok {
			delete(s.early, s.handed)
			s.mu.Unlock()
			return c
		}
		if len(s.arrived) > 0 {
			s.taken, s.arrived = s.arrived, s.taken[:0]
			s.mu.Unlock()
			continue
		}
		s.waiting = true
		s.mu.Unlock()
		<-s.wake
	}
}

// run hands over pieces until the sequence has ended, yield returns false, or ctx ends or the pool
// refuses: then the last piece has only the error.
func (s *stream) run(ctx context.Context, yield func(piece) bool) {
	if err := s.pool.openJob(ctx, s.job); err != nil {
		yield(piece{index: -1, outcome: outcome{err: err}})
		return
	}
	defer s.pool.closeJob(s.job)
	for {
		if err := s.fill(); err != nil {
			yield(piece{index: -1, outcome: outcome{err: err}})
			return
		}
		if s.handed == s.chunks {
			return
		}
		c := s.take()
		s.handed++
		s.bytes -= c.size
		s.held.Add(-int64(len(c.message)))
		if ctx.Err() != nil {
			yield(piece{index: -1, outcome: outcome{err: context.Cause(ctx)}})
			return
		}
		if !yield(c) {
			return
		}
	}
}

// fill makes chunks as far as it may.
func (s *stream) fill() error {
	for !s.exhausted && s.mayMake() {
		items, n := s.next()
		if n == 0 {
			s.exhausted = true
			return nil
		}
		index, first := s.chunks, s.items
		s.chunks++
		s.items += n
		t, err := s.task(index, n, items)
		if err != nil {
			s.add(piece{index: index, first: first, items: n, outcome: outcome{err: err}})
			continue
		}
		t.first = first
		s.bytes += t.size
		if err := s.pool.enqueue(t); err != nil {
			return err
		}
	}
	return nil
}

func (s *stream) mayMake() bool {
	ahead := s.chunks - s.handed
	if s.most > 0 {
		return ahead < s.most
	}
	return ahead < s.pool.leastAhead() ||
		int64(s.bytes)+s.held.Load() < lookAheadBytes && ahead < s.pool.mostAhead()
}

// leastAhead is how many chunks keep all workers busy.
func (p *Pool) leastAhead() int { return enoughChunks * p.Size() }

// mostAhead is how many chunks keep all workers busy with the shortest of tasks.
func (p *Pool) mostAhead() int { return enoughChunks * p.Size() * (p.opts.SendAhead + 1) }

// Size returns the number of workers as New or Resize set it.
func (p *Pool) Size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.size
}
