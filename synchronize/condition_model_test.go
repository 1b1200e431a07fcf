package synchronize

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// modelCondition is what the processes that share a condition have in common. Every operation on one of its
// semaphores is one step: that it is, the test of the words shows.
type modelCondition struct {
	lock, sleeping, woken, queue int

	waiting []*process // between sleeping and woken, and alive
	due     []*process // those that a notify has woken, as it says
	dead    int        // died while they waited, and no notify knows
	bad     string
}

func newModelCondition() *modelCondition { return &modelCondition{lock: 1} }

func (m *modelCondition) shared() string {
	return fmt.Sprint(m.lock, m.sleeping, m.woken, m.queue, ids(m.waiting), ids(m.due), m.dead, m.bad)
}

// wrong: what has to be true once nobody can go on.
func (m *modelCondition) wrong(stuck []*process) string {
	for _, p := range stuck {
		if slices.Contains(m.due, p) {
			return "somebody sleeps on who was woken"
		}
		if !slices.Contains(m.waiting, p) {
			return "somebody hangs"
		}
	}
	switch {
	case m.bad != "":
		return m.bad
	case m.lock != 1:
		return "the lock is taken"
	case m.queue != 0:
		return "a wake-up is left over"
	case m.sleeping-m.woken != len(m.waiting)+m.dead:
		return "the sleepers are counted wrong"
	}
	return ""
}

// modelSem is one process's view of one of the semaphores.
type modelSem struct {
	m     *modelCondition
	p     *process
	value *int
	// A wait may end at any moment: by a timeout, or by SIGKILL, without or with what it waited for.
	ends, dies bool
	// waits: of the one that sleeps, not of one that counts it.
	waits bool
}

var errModelTimeout = fmt.Errorf("timeout: %w", context.DeadlineExceeded)

func (s modelSem) Release() error {
	s.p.do(func() any {
		*s.value++
		switch s.value {
		case &s.m.sleeping:
			if s.waits {
				s.m.waiting = append(s.m.waiting, s.p)
			}
		case &s.m.woken:
			s.m.leaves(s.p)
		}
		return nil
	})
	return nil
}

func (m *modelCondition) leaves(p *process) {
	m.waiting = slices.DeleteFunc(slices.Clone(m.waiting), func(q *process) bool { return q == p })
}

func (s modelSem) TryAcquire() bool { return s.p.do(func() any { return s.take() }).(bool) }

func (s modelSem) Value() int { return s.p.do(func() any { return *s.value }).(int) }

func (s modelSem) take() bool {
	if *s.value == 0 {
		return false
	}
	*s.value--
	return true
}

func (s modelSem) Acquire(context.Context) error {
	there := func() bool { return *s.value > 0 }
	die := func() any {
		s.m.leaves(s.p)
		s.m.dead++
		return "dies"
	}
	switch s.p.step(
		choice{there, func() any { return s.take() }},
		choice{func() bool { return s.ends }, func() any { return false }},
		choice{func() bool { return s.dies }, die},
		choice{func() bool { return s.dies && there() }, func() any { s.take(); return die() }},
	) {
	case true:
		return nil
	case false:
		return errModelTimeout
	}
	s.p.die()
	return nil
}

// modelLock is one process's view of the lock of the condition.
type modelLock struct {
	*Lock // nothing of it is used
	sem   modelSem
}

func (l modelLock) acquire(ctx context.Context, _ *Owner) error       { return l.sem.Acquire(ctx) }
func (l modelLock) release(*Owner) error                              { return l.sem.Release() }
func (l modelLock) holds(*Owner) bool                                 { return true }
func (l modelLock) let(*Owner) (int, error)                           { return 1, l.sem.Release() }
func (l modelLock) retake(ctx context.Context, _ *Owner, _ int) error { return l.sem.Acquire(ctx) }

// views are what a process has of the condition.
type views struct {
	lock, sleeping, woken, queue modelSem
}

func (m *modelCondition) views(p *process, waits, ends, dies bool) views {
	return views{
		lock:     modelSem{m: m, p: p, value: &m.lock},
		sleeping: modelSem{m: m, p: p, value: &m.sleeping, waits: waits},
		woken:    modelSem{m: m, p: p, value: &m.woken, ends: ends},
		queue:    modelSem{m: m, p: p, value: &m.queue, ends: ends, dies: dies},
	}
}

// goes is the condition of this package, whose code is tried.
func (v views) goes(m *modelCondition) *Condition {
	return &Condition{
		lock: modelLock{nil, v.lock}, sleeping: v.sleeping, woken: v.woken, queue: v.queue,
		options: Options{Gone: func(missing int) int {
			found := min(missing, m.dead)
			m.dead -= found
			return found
		}},
	}
}

// goWaits is a Go that waits; ends says whether for a limited time, dies whether it may be killed.
func (m *modelCondition) goWaits(ends, dies bool) func(*process) {
	return func(p *process) {
		c := m.views(p, true, ends, dies).goes(m)
		_ = c.Acquire(context.Background(), nil)
		_ = c.Wait(context.Background(), nil)
		_ = c.Release(nil)
	}
}

// pythonWaits is Condition.wait of multiprocessing.synchronize.
func (m *modelCondition) pythonWaits(ends, dies bool) func(*process) {
	return func(p *process) {
		v := m.views(p, true, ends, dies)
		_ = v.lock.Acquire(context.Background())
		_ = v.sleeping.Release()
		_ = v.lock.Release()
		_ = v.queue.Acquire(context.Background())
		_ = v.woken.Release()
		_ = v.lock.Acquire(context.Background())
		_ = v.lock.Release()
	}
}

// goNotifies is a Go that notifies n, whose patience may end at any moment if ends says so; again, if it was
// in vain.
func (m *modelCondition) goNotifies(n int, ends bool, times int) func(*process) {
	return func(p *process) {
		c := m.views(p, false, ends, false).goes(m)
		_ = c.Acquire(context.Background(), nil)
		for range times {
			waiting, dead := slices.Clone(m.waiting), m.dead
			err := c.Notify(context.Background(), nil, n)
			var silent *SilentError
			if err != nil && !errors.As(err, &silent) {
				m.bad = err.Error()
			}
			if err == nil && n-dead >= len(waiting) {
				m.due = append(m.due, waiting...)
			}
		}
		_ = c.Release(nil)
	}
}

// pythonNotifies is Condition.notify of multiprocessing.synchronize, with what it asserts.
func (m *modelCondition) pythonNotifies(n int) func(*process) {
	return func(p *process) {
		v := m.views(p, false, false, false)
		_ = v.lock.Acquire(context.Background())
		if v.queue.TryAcquire() {
			m.bad = "Python's notify finds a wake-up that was left over"
		}
		for v.woken.TryAcquire() {
			if !v.sleeping.TryAcquire() {
				m.bad = "Python's notify finds more awake than asleep"
			}
		}
		woken := 0
		for woken < n && v.sleeping.TryAcquire() {
			_ = v.queue.Release()
			woken++
		}
		for range woken {
			_ = v.woken.Acquire(context.Background())
		}
		if woken > 0 {
			for v.queue.TryAcquire() {
			}
		}
		_ = v.lock.Release()
	}
}

// inOrder are processes of which one begins when the one before has ended.
func inOrder(all ...func(*process)) func(*process) {
	return func(p *process) {
		for _, f := range all {
			f(p)
		}
	}
}

func TestNoOrderOfStepsConfusesACondition(t *testing.T) {
	all := math.MaxInt
	type crew = func(m *modelCondition) []func(*process)
	for name, of := range map[string]crew{
		"Go notifies all, a Go and a Python wait": func(m *modelCondition) []func(*process) {
			return []func(*process){m.goWaits(false, false), m.pythonWaits(false, false), m.goNotifies(all, false, 1)}
		},
		"Python notifies one, a Go and a Python wait for a limited time": func(m *modelCondition) []func(*process) {
			return []func(*process){m.goWaits(true, false), m.pythonWaits(true, false), m.pythonNotifies(1)}
		},
		"Go and then Python notify, a Python waits for a limited time": func(m *modelCondition) []func(*process) {
			return []func(*process){m.pythonWaits(true, false), inOrder(m.goNotifies(1, false, 1), m.pythonNotifies(all))}
		},
		"a Go without patience and then a Python notify, two Pythons wait": func(m *modelCondition) []func(*process) {
			return []func(*process){
				m.pythonWaits(false, false), m.pythonWaits(false, false),
				inOrder(m.goNotifies(all, true, 1), m.pythonNotifies(all)),
			}
		},
		"a Go without patience notifies one, then Python all, a Go waits for a limited time": func(m *modelCondition) []func(*process) {
			return []func(*process){
				m.goWaits(true, false), m.pythonWaits(false, false),
				inOrder(m.goNotifies(1, true, 1), m.pythonNotifies(all)),
			}
		},
		"Go notifies one, a Python waits for a limited time and another without limit": func(m *modelCondition) []func(*process) {
			return []func(*process){m.pythonWaits(true, false), m.pythonWaits(false, false), m.goNotifies(1, false, 1)}
		},
		"a Python dies while it waits beside a Go": func(m *modelCondition) []func(*process) {
			return []func(*process){m.pythonWaits(false, true), m.goWaits(false, false), m.goNotifies(all, true, 2)}
		},
		"of two Pythons that wait one dies, and Go notifies one at a time": func(m *modelCondition) []func(*process) {
			return []func(*process){m.pythonWaits(false, true), m.pythonWaits(false, false), m.goNotifies(1, true, 2)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			states, wrong := interleavings(func() world {
				m := newModelCondition()
				return world{of(m), m.shared, m.wrong}
			})
			assert.Empty(t, wrong)
			assert.Greater(t, states, 50)
			t.Logf("%d states", states)
		})
	}
}

// TestADeadSleeperHangsPython shows that the test above can fail, and that Repair is the cure.
func TestADeadSleeperHangsPython(t *testing.T) {
	for _, repaired := range []bool{false, true} {
		_, wrong := interleavings(func() world {
			m := newModelCondition()
			repair := func(p *process) {
				p.step(choice{func() bool { return m.dead > 0 }, func() any { m.dead--; return nil }})
				_ = m.views(p, false, false, false).goes(m).Repair(1)
			}
			processes := []func(*process){m.pythonWaits(false, true), m.pythonNotifies(1)}
			if repaired {
				processes = append(processes, repair)
			}
			return world{processes, m.shared, func(stuck []*process) string {
				stuck = slices.DeleteFunc(stuck, func(p *process) bool { return p.id == 2 }) // there was nobody to repair
				return m.wrong(stuck)
			}}
		})
		if repaired {
			assert.Empty(t, wrong)
		} else {
			assert.Contains(t, wrong, "somebody hangs")
		}
	}
}
