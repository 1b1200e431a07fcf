package server

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/internal/waits"
	"mpbridge/managers/queue"
)

// semaphore is threading.Semaphore or threading.BoundedSemaphore.
type semaphore struct {
	bounded bool
	bound   int // the value that must not be exceeded, if it is bounded

	mu    sync.Mutex // all below
	value int
	line  waits.Line[struct{}]
	// holders are those who acquired and did not release, oldest first, where the server wants to know.
	holders []uint64
}

var semaphoreMethods = Methods[*semaphore]{
	"acquire": Def(workers, "Semaphore.acquire", (*semaphore).callAcquire, 0, "blocking", "timeout"),
	"release": Def(workers, "Semaphore.release", (*semaphore).callRelease, 0, "n"),
}

var semaphoreClass = describe(description[*semaphore]{
	kind: "Semaphore", methods: semaphoreMethods, saved: saveNothing,
	observe: (*semaphore).observe,
	typeid:  "Semaphore", create: semaphoreType("Semaphore", false),
	flag: Flag{"semaphore", "NAME[=COUNT]", "a semaphore"},
})

// Methods lists what clients may call.
func (*semaphore) Methods() []string { return semaphoreClass.listed }

// Call answers one call.
func (s *semaphore) Call(c *Call) (any, error) { return semaphoreMethods.Call(s, c) }

// boundedClass is that of semaphores which are never released too often.
var boundedClass = describe(description[*semaphore]{
	kind: "BoundedSemaphore", methods: semaphoreMethods, saved: saveNothing,
	observe: (*semaphore).observe,
	typeid:  "BoundedSemaphore", create: semaphoreType("BoundedSemaphore", true),
	flag: Flag{"bounded-semaphore", "NAME[=COUNT]", "a semaphore that is never released too often"},
})

func (s *semaphore) class() *class {
	if s.bounded {
		return boundedClass
	}
	return semaphoreClass
}

// String is what Python shows, without the address in memory.
func (s *semaphore) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bounded {
		return fmt.Sprintf("<threading.BoundedSemaphore: value=%d/%d>", s.value, s.bound)
	}
	return fmt.Sprintf("<threading.Semaphore: value=%d>", s.value)
}

func (s *semaphore) callAcquire(c *Call) (any, error) {
	block, err := c.Truth(0, true)
	if err != nil {
		return nil, err
	}
	if !block && c.Given(1) && !c.Value(1).IsNone() {
		return nil, managers.ErrValueError.New("can't specify timeout for non-blocking acquire")
	}
	t, err := c.timeoutAt(1)
	if err != nil {
		return nil, err
	}
	deadline := c.sum(t)
	s.mu.Lock()
	switch {
	case s.value > 0:
		s.value--
	case !block || waits.Expired(deadline):
		s.mu.Unlock()
		return false, nil
	default:
		w := s.line.Add(c, struct{}{})
		s.mu.Unlock()
		return s.wait(c, w, deadline)
	}
	s.mu.Unlock()
	return s.granted(c), nil
}

// granted notes that the client has acquired.
func (s *semaphore) granted(c *Call) bool {
	if c.server.opts.ReleaseOnDisconnect {
		s.mu.Lock()
		if len(s.holders) < maxHolders {
			s.holders = append(s.holders, c.Owner())
		}
		s.mu.Unlock()
		c.trackGrant(s)
	}
	c.effect = permit{s, c.Owner()}
	return true
}

// maxHolders is how many holders of one semaphore are known.
const maxHolders = 1 << 16

func (s *semaphore) wait(c *Call, w *waits.Waiter[struct{}], deadline time.Time) (any, error) {
	done, err := waits.Await(c, &s.mu, w, deadline)
	switch {
	case done && err != nil && err != waits.ErrTimeout:
		permit{s, c.Owner()}.Resolve(queue.Unsent)
		return nil, err
	case done:
		return s.granted(c), nil
	case err == waits.ErrTimeout:
		return false, nil
	}
	return nil, err
}

// permit is what a client got of a semaphore.
type permit struct {
	semaphore *semaphore
	owner     uint64
}

// Resolve takes it back: the client never knew of it.
// Resolve gives it back where its client does not learn of it.
func (p permit) Resolve(o queue.Outcome) {
	if o == queue.Delivered {
		return
	}
	s := p.semaphore
	s.mu.Lock()
	s.letGo(p.owner)
	woken := s.raise(1)
	s.mu.Unlock()
	waits.WakeAll(woken)
}

// letGo forgets one holder: the one that releases or, where another has acquired, the oldest.
func (s *semaphore) letGo(owner uint64) {
	if len(s.holders) > 0 {
		i := max(slices.Index(s.holders, owner), 0)
		s.holders = slices.Delete(s.holders, i, i+1)
	}
}

// ownerGone releases what an owner has whose connection has ended.
func (s *semaphore) ownerGone(owner uint64) {
	s.mu.Lock()
	had := len(s.holders)
	s.holders = slices.DeleteFunc(s.holders, func(o uint64) bool { return o == owner })
	woken := s.raise(had - len(s.holders))
	s.mu.Unlock()
	waits.WakeAll(woken)
}

// raise adds n to the value, or lets those pass that wait longest, and returns them.
func (s *semaphore) raise(n int) (woken []*waits.Waiter[struct{}]) {
	woken = s.line.Grant(n)
	s.value += n - len(woken)
	return woken
}

func (s *semaphore) callRelease(c *Call) (any, error) {
	n, err := c.Int(0, 1)
	switch {
	case err != nil:
		return nil, err
	case n < 1:
		return nil, managers.ErrValueError.New("n must be one or more")
	case n > maxSemaphore:
		return nil, managers.ErrOverflowError.New("n is too large")
	}
	s.mu.Lock()
	if s.bounded && s.value+n > s.bound || s.value > maxSemaphore {
		s.mu.Unlock()
		return nil, managers.ErrValueError.New("Semaphore released too many times")
	}
	for range min(n, len(s.holders)) {
		s.letGo(c.Owner())
	}
	woken := s.raise(n)
	s.mu.Unlock()
	waits.WakeAll(woken)
	return nil, nil
}

// maxSemaphore keeps sums of values from overflowing, in the 32 bits that an int has on some systems, too.
const maxSemaphore = math.MaxInt/8 + 1

func semaphoreType(typeid string, bounded bool) Type {
	sig := &Signature{Name: typeid + ".__init__", Params: []string{"value"}}
	return Type{New: func(c *Call) (Object, error) {
		if err := c.Bind(sig); err != nil {
			return nil, err
		}
		n, err := c.count(0, 1, maxSemaphore, maxSemaphore)
		if err != nil {
			return nil, err
		}
		if n < 0 {
			return nil, managers.ErrValueError.New("semaphore initial value must be >= 0")
		}
		return &semaphore{bounded: bounded, bound: n, value: n}, nil
	}}
}

func (s *semaphore) observe(o *managers.ObjectInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o.Waiters, o.Len = s.line.Len(), s.value
}
