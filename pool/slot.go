package pool

import (
	"context"
	"errors"
	"time"
)

// slot is the place of one worker: a number, and a goroutine that starts a process, reads its
// results until it ends, and starts the next.
type slot struct {
	pool   *Pool
	number int
	ctx    context.Context // ends when there is to be no process any more
	cancel context.CancelFunc

	// Under Pool.mu.
	worker  *worker // that is ready, or nil
	retired bool
}

// grow starts slots until there are n. The caller holds mu.
func (p *Pool) grow(n int) {
	for p.size < n {
		s := &slot{pool: p, number: p.freeNumber()}
		s.ctx, s.cancel = context.WithCancel(context.Background())
		p.slots = append(p.slots, s)
		p.size++
		go s.run()
	}
}

// freeNumber is the least number that no slot has.
func (p *Pool) freeNumber() int {
	used := map[int]bool{}
	for _, s := range p.slots {
		used[s.number] = true
	}
	n := 1
	for used[n] {
		n++
	}
	return n
}

// shrink retires the slots with the highest numbers until n are left. The caller holds mu.
func (p *Pool) shrink(n int) {
	for p.size > n {
		var last *slot
		for _, s := range p.slots {
			if !s.retired && (last == nil || s.number > last.number) {
				last = s
			}
		}
		last.retired = true
		p.size--
		if last.worker == nil {
			last.cancel() // it is starting, or waits to start
		}
	}
}

// run is the goroutine of a slot.
func (s *slot) run() {
	defer s.end()
	failures, crashes, started := 0, 0, 0
	for s.wanted() {
		w, err := s.start()
		if err != nil {
			failures++
			if !s.pool.startFailed(s, err, failures) {
				return
			}
			s.pause(startBackoff<<min(failures-1, 10), maxBackoff)
			continue
		}
		failures = 0
		if started++; started > 1 {
			s.pool.count(func(c *Stats) { c.Replaced++ })
		}
		if w.serve() {
			crashes = 0
		} else if crashes++; crashes > 1 {
			s.pause(crashBackoff<<min(crashes-2, 10), maxCrash)
		}
	}
}

// wanted tells whether the slot is to have a process.
func (s *slot) wanted() bool {
	p := s.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	return !s.retired && !p.terminated && p.broken == nil && !(p.closing && p.openJobs == 0)
}

// pause waits for d, at most limit, or until nothing is wanted any more.
func (s *slot) pause(d, limit time.Duration) {
	timer := time.NewTimer(min(d, limit))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
	}
}

// end takes the slot out of the pool.
func (s *slot) end() {
	s.cancel()
	p := s.pool
	p.mu.Lock()
	for i, other := range p.slots {
		if other == s {
			p.slots = append(p.slots[:i:i], p.slots[i+1:]...)
			break
		}
	}
	if !s.retired {
		p.size--
	}
	p.finishIfLast()
	p.mu.Unlock()
}

// finishIfLast ends what is left of the pool after its last slot. The caller holds mu.
func (p *Pool) finishIfLast() {
	if len(p.slots) > 0 || p.isDone || !p.closing && !p.terminated && p.broken == nil {
		return
	}
	p.isDone = true
	p.markStarted()
	go p.finish()
}

// finish ends what workers are started with.
func (p *Pool) finish() {
	if p.servers != nil {
		p.servers.end()
	}
	p.spawner.close()
	p.peers.Close()
	p.output.peers.Close()
	close(p.done)
}

// markStarted lets New return. The caller holds mu.
func (p *Pool) markStarted() {
	if !p.isStarted {
		p.isStarted = true
		close(p.started)
	}
}

// startFailed notes a start that failed for the nth time in a row, and returns false if there is to
// be no other: then the pool is broken, and all tasks end with err.
func (p *Pool) startFailed(s *slot, err error, n int) bool {
	if errors.Is(err, errStopped) {
		return s.wanted()
	}
	p.log(s.number).Warn("worker does not start", "worker", s.number, "attempt", n, "error", err)
	p.mu.Lock()
	if n < p.opts.StartAttempts || p.workersReady > 0 || p.terminated {
		p.mu.Unlock()
		return true
	}
	var tasks []*task
	if p.broken == nil {
		if start := (*StartError)(nil); errors.As(err, &start) {
			start.Attempts = n
		}
		p.broken = err
		tasks = p.abandonTasks()
		p.markStarted()
	}
	broken := p.broken
	p.mu.Unlock()
	finishAll(tasks, broken)
	return false
}

func (p *Pool) count(add func(*Stats)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	add(&p.stats)
}
