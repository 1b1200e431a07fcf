package server

import (
	"fmt"
	"math"
	"sync"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/internal/waits"
	"mpbridge/managers/queue"
)

// lock is threading.Lock or threading.RLock. Its owner is a connection, which is what a thread is in
// Python's server; the number of a connection is never used again. An owner that dies before it reads
// that it has the lock never had it.
type lock struct {
	recursive bool

	mu    sync.Mutex // all below
	owner uint64     // 0: nobody
	count int        // how often the owner has it
	since time.Time  // when the owner got it
	line  waits.Line[lockClaim]
}

// lockClaim is for whom a lock is wanted, and how often.
type lockClaim struct {
	owner uint64
	count int
}

func newLock(recursive bool) *lock { return &lock{recursive: recursive} }

var lockMethods = Methods[*lock]{
	"acquire": Def(workers, "acquire", (*lock).callAcquire, 0, "blocking", "timeout"),
	"release": Def(workers, "release", (*lock).callRelease, 0),
	"locked":  Def(everyone, "locked", (*lock).callLocked, 0),
}

var lockClass = describe(description[*lock]{
	kind: "Lock", methods: lockMethods, saved: saveNothing,
	observe: (*lock).observe,
	typeid:  "Lock", create: lockType("Lock", false),
	flag: Flag{"lock", "NAME", "a lock"},
})

// Methods lists what clients may call.
func (*lock) Methods() []string { return lockClass.listed }

// Call answers one call.
func (l *lock) Call(c *Call) (any, error) { return lockMethods.Call(l, c) }

// rlockClass is that of locks which their owner can take again.
var rlockClass = describe(description[*lock]{
	kind: "RLock", methods: lockMethods, saved: saveNothing,
	observe: (*lock).observe,
	typeid:  "RLock", create: lockType("RLock", true),
	flag: Flag{"rlock", "NAME", "a lock that its holder can take again"},
})

func (l *lock) class() *class {
	if l.recursive {
		return rlockClass
	}
	return lockClass
}

// String is what Python shows, without the address in memory.
func (l *lock) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	state := "unlocked"
	if l.owner != 0 {
		state = "locked"
	}
	if l.recursive {
		return fmt.Sprintf("<%s _thread.RLock object owner=%d count=%d>", state, l.owner, l.count)
	}
	return fmt.Sprintf("<%s _thread.lock object>", state)
}

func (l *lock) callAcquire(c *Call) (any, error) {
	block, deadline, err := c.acquireTimeout()
	if err != nil {
		return nil, err
	}
	return l.take(c, 1, block, deadline)
}

// acquireTimeout reads the arguments blocking and timeout of Lock.acquire.
func (c *Call) acquireTimeout() (block bool, deadline time.Time, err error) {
	if block, err = c.Truth(0, true); err != nil || !c.Given(1) {
		return block, time.Time{}, err
	}
	t, err := c.timeoutAt(1)
	if err == nil {
		deadline, err = c.lockTime(t, block)
	}
	return block, deadline, err
}

// take gets the lock for the caller's connection, count times at once.
func (l *lock) take(c *Call, count int, block bool, deadline time.Time) (bool, error) {
	owner := c.Owner()
	l.mu.Lock()
	switch {
	case l.owner == 0:
		l.own(owner, count)
	case l.recursive && l.owner == owner:
		l.count += count
	case !block || waits.Expired(deadline):
		l.mu.Unlock()
		return false, nil
	default:
		w := l.line.Add(c, lockClaim{owner, count})
		l.mu.Unlock()
		return l.wait(c, w, deadline)
	}
	l.mu.Unlock()
	c.trackGrant(l)
	c.effect = &grant{l, owner, count}
	return true, nil
}

// wait waits until the lock was handed over.
func (l *lock) wait(c *Call, w *waits.Waiter[lockClaim], deadline time.Time) (bool, error) {
	done, err := waits.Await(c, &l.mu, w, deadline)
	g := &grant{l, w.For.owner, w.For.count}
	switch {
	case done && err != nil && err != waits.ErrTimeout:
		g.Resolve(queue.Unsent)
		return false, err
	case done:
		c.trackGrant(l)
		c.effect = g
		return true, nil
	case err == waits.ErrTimeout:
		return false, nil
	}
	return false, err
}

// grant is a lock that was given to a client.
type grant struct {
	lock  *lock
	owner uint64
	count int
}

// Resolve gives the lock back where its client does not learn that it has it.
func (g *grant) Resolve(o queue.Outcome) {
	if o != queue.Delivered {
		g.lock.giveBack(g.owner, g.count)
	}
}

// giveBack takes the lock count times from owner, if it is the owner still.
func (l *lock) giveBack(owner uint64, count int) {
	l.mu.Lock()
	var w *waits.Waiter[lockClaim]
	if l.owner == owner {
		w = l.lower(count)
	}
	l.mu.Unlock()
	w.Wake()
}

// lower counts down and hands the lock to the longest waiter and returns it; the caller must wake it.
func (l *lock) lower(count int) *waits.Waiter[lockClaim] {
	if l.count -= count; l.count > 0 {
		return nil
	}
	l.owner, l.count = 0, 0
	w := l.line.Next()
	if w != nil {
		l.own(w.For.owner, w.For.count)
		w.Done = true
	}
	return w
}

func (l *lock) callRelease(c *Call) (any, error) {
	l.mu.Lock()
	switch {
	case l.recursive && l.owner != c.Owner():
		l.mu.Unlock()
		return nil, managers.ErrRuntimeError.New("cannot release un-acquired lock")
	case l.owner == 0:
		l.mu.Unlock()
		return nil, releasedUnlocked(c)
	}
	w := l.lower(1)
	l.mu.Unlock()
	w.Wake()
	return nil, nil
}

// own makes somebody the owner.
func (l *lock) own(owner uint64, count int) { l.owner, l.count, l.since = owner, count, time.Now() }

// ownerGone takes the lock from an owner whose connection has ended.
func (l *lock) ownerGone(owner uint64) { l.giveBack(owner, math.MaxInt) }

func releasedUnlocked(c *Call) error {
	class := managers.ErrRuntimeError
	if c.Dialect().NativeBytes {
		class = managers.ErrThread
	}
	return class.New("release unlocked lock")
}

// releaseAll takes the lock from its owner and returns how often it was held. ok is false where the
// caller has no right to it: an RLock that it does not own, a Lock that nobody holds.
func (l *lock) releaseAll(owner uint64) (count int, ok bool) {
	l.mu.Lock()
	if !l.owned(owner) {
		l.mu.Unlock()
		return 0, false
	}
	count = l.count
	w := l.lower(count)
	l.mu.Unlock()
	w.Wake()
	return count, true
}

// owned is Condition._is_owned in Lib/threading.py: a Lock does not know who holds it.
func (l *lock) owned(owner uint64) bool {
	return l.owner == owner || !l.recursive && l.owner != 0
}

func (l *lock) isOwned(owner uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.owned(owner)
}

func (l *lock) callLocked(*Call) (any, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.owner != 0, nil
}

// lockType makes a Lock or an RLock for each create.
func lockType(typeid string, recursive bool) Type {
	sig := &Signature{Name: typeid}
	return Type{New: func(c *Call) (Object, error) {
		if err := c.Bind(sig); err != nil {
			return nil, err
		}
		return newLock(recursive), nil
	}}
}

func (l *lock) observe(o *managers.ObjectInfo) {
	l.mu.Lock()
	defer l.mu.Unlock()
	o.Waiters, o.Holder = l.line.Len(), int64(l.owner)
	if l.owner != 0 {
		o.HeldFor = time.Since(l.since).Seconds()
	}
}
