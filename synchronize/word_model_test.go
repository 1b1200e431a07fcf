package synchronize

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// kernel is a semaphore, and a futex at it, for processes whose every order is tried.
type kernel struct {
	word     word
	limit    uint32
	sleeping []*process // on the futex
	woken    map[*process]bool
	start    int
	counted  int // releases that went well, less acquisitions
}

func newKernel(value int) *kernel {
	return &kernel{word: word(value), limit: SemValueMax, woken: map[*process]bool{}, start: value}
}

func (k *kernel) shared() string {
	return fmt.Sprintf("%#x %v %d", uint64(k.word), ids(k.sleeping), len(k.woken))
}

func ids(all []*process) (out []int) {
	for _, p := range all {
		out = append(out, p.id)
	}
	return out
}

// wrong: a wake-up is lost if somebody sleeps although there is something to take.
func (k *kernel) wrong(stuck []*process) string {
	value, sleepers := uint32(k.word), uint64(k.word)>>32
	switch {
	case value > 0 && len(stuck) > 0:
		return "a wake-up is lost"
	case int(value) != k.start+k.counted:
		return "the value is not what was released and acquired"
	case int(sleepers) != len(stuck):
		return "the sleepers are counted wrong"
	}
	return ""
}

// sleep waits on the futex while the value is zero. Where it ends by itself it begins only unless it has
// ended, if it looks at that as well, and returns false unless it was woken.
func (k *kernel) sleep(p *process, looks bool, ends func() bool) (woken bool) {
	if !p.do(func() any {
		if uint32(k.word) != 0 || looks && ends() {
			return false
		}
		k.sleeping = append(k.sleeping, p)
		return true
	}).(bool) {
		return true
	}
	return p.step(
		choice{func() bool { return k.woken[p] }, func() any {
			delete(k.woken, p)
			return true
		}},
		choice{func() bool { return ends() && !k.woken[p] }, func() any {
			k.sleeping = slices.DeleteFunc(k.sleeping, func(q *process) bool { return q == p })
			return false
		}},
	).(bool)
}

// post releases, in Go and in glibc alike.
func (k *kernel) post(p *process) {
	wake := p.do(func() any {
		_, wake := k.word.post(k.limit)
		k.counted++
		return wake
	}).(bool)
	if !wake {
		return
	}
	p.do(func() any {
		if len(k.sleeping) > 0 {
			k.woken[k.sleeping[0]] = true
			k.sleeping = k.sleeping[1:]
		}
		return nil
	})
}

// modelSteps are the steps of a wait of this package, each of them one that others can come before.
type modelSteps struct {
	k         *kernel
	p         *process
	cancelled *bool // nil: cannot be
}

var errModelOver = errors.New("over")

func (s modelSteps) enter() { s.p.do(func() any { s.k.word.enter(); return nil }) }
func (s modelSteps) leave() { s.p.do(func() any { s.k.word.leave(); return nil }) }
func (s modelSteps) tryLeave() bool {
	return s.p.do(func() any {
		ok := s.k.word.tryLeave()
		if ok {
			s.k.counted--
		}
		return ok
	}).(bool)
}
func (s modelSteps) rung() bool { return s.cancelled != nil && *s.cancelled }
func (s modelSteps) over() error {
	if s.p.do(func() any { return s.rung() }).(bool) {
		return errModelOver
	}
	return nil
}
func (s modelSteps) sleep() error {
	s.k.sleep(s.p, true, s.rung)
	return nil
}

// goWaits is SemLock.Acquire, with a wait that is cancelled at any moment where there is a cancelled.
func (k *kernel) goWaits(cancelled *bool, wait func(steps) error, then func(*process)) func(*process) {
	return func(p *process) {
		if !k.try(p) && wait(modelSteps{k, p, cancelled}) != nil {
			return
		}
		if then != nil {
			then(p)
		}
	}
}

func (k *kernel) try(p *process) bool {
	return p.do(func() any {
		ok := k.word.try()
		if ok {
			k.counted--
		}
		return ok
	}).(bool)
}

// cancels is who cancels the wait of another, at any moment.
func cancels(cancelled *bool) func(*process) {
	return func(p *process) { p.do(func() any { *cancelled = true; return nil }) }
}

// pythonWaits is sem_wait or, where it may have enough at any moment, sem_timedwait of glibc
// (__new_sem_wait_slow64 in nptl/sem_waitcommon.c).
func (k *kernel) pythonWaits(timed bool, then func(*process)) func(*process) {
	enough := func() bool { return timed }
	return func(p *process) {
		if !k.try(p) {
			p.do(func() any { k.word.enter(); return nil })
			for !p.do(func() any {
				ok := k.word.tryLeave()
				if ok {
					k.counted--
				}
				return ok
			}).(bool) {
				if !k.sleep(p, false, enough) {
					p.do(func() any { k.word.leave(); return nil })
					return
				}
			}
		}
		if then != nil {
			then(p)
		}
	}
}

// semaphoreWorlds are what is tried: who waits for and who releases a semaphore.
var semaphoreWorlds = map[string]func(wait func(steps) error) world{
	"a lock of two Gos and a Python": func(wait func(steps) error) world {
		k := newKernel(1)
		return k.world(k.goWaits(nil, wait, k.post), k.goWaits(nil, wait, k.post), k.pythonWaits(false, k.post))
	},
	"a wait of Go that is cancelled beside one of Python": func(wait func(steps) error) world {
		k, cancelled := newKernel(0), new(bool)
		return k.world(k.goWaits(cancelled, wait, nil), k.pythonWaits(false, nil), cancels(cancelled), k.post)
	},
	"a lock of a Go that is cancelled, a Python that times out and one of each that stay": func(wait func(steps) error) world {
		k, cancelled := newKernel(1), new(bool)
		return k.world(k.goWaits(cancelled, wait, k.post), k.pythonWaits(true, k.post), cancels(cancelled),
			k.pythonWaits(false, k.post))
	},
	"two releases for two Gos of which one is cancelled": func(wait func(steps) error) world {
		k, cancelled := newKernel(0), new(bool)
		return k.world(k.goWaits(cancelled, wait, nil), k.goWaits(nil, wait, nil), cancels(cancelled), k.post, k.post)
	},
}

func (k *kernel) world(processes ...func(*process)) world {
	return world{processes, k.shared, k.wrong}
}

func TestNoOrderOfStepsLosesAWakeUp(t *testing.T) {
	for name, w := range semaphoreWorlds {
		t.Run(name, func(t *testing.T) {
			states, wrong := interleavings(func() world { return w(sleepFor) })
			assert.Empty(t, wrong)
			assert.Greater(t, states, 100)
			t.Logf("%d states", states)
		})
	}
}

// TestAWaitThatLeavesWithoutLookingLosesAWakeUp shows that the test above can fail.
func TestAWaitThatLeavesWithoutLookingLosesAWakeUp(t *testing.T) {
	careless := func(s steps) error {
		s.enter()
		for s.over() == nil {
			if s.tryLeave() {
				return nil
			}
			_ = s.sleep()
		}
		s.leave()
		return errModelOver
	}
	_, wrong := interleavings(func() world {
		return semaphoreWorlds["a wait of Go that is cancelled beside one of Python"](careless)
	})
	assert.Contains(t, wrong, "a wake-up is lost")
}
