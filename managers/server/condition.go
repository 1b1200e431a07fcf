package server

import (
	"fmt"
	"math"
	"sync"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/managers/internal/waits"
	"mpbridge/managers/internal/wire"
	"mpbridge/pickle"
)

// condition is threading.Condition, over an RLock of its own or over a lock that is shared.
type condition struct {
	lock *lock
	home *storedValue // keeps the shared lock's object alive

	mu   sync.Mutex
	line waits.Line[struct{}] // those who wait to be notified
}

var conditionMethods = Methods[*condition]{
	"acquire":    Def(workers, "acquire", (*condition).callAcquire, 0, "blocking", "timeout"),
	"release":    Def(workers, "release", (*condition).callRelease, 0),
	"locked":     Def(everyone, "locked", (*condition).callLocked, 0),
	"wait":       Def(workers, "Condition.wait", (*condition).callWait, 0, "timeout"),
	"notify":     Def(workers, "Condition.notify", (*condition).callNotify, 0, "n"),
	"notify_all": Def(workers, "Condition.notify_all", (*condition).callNotifyAll, 0),
	"notifyAll":  Def(workers, "Condition.notifyAll", (*condition).callNotifyAll, 0).Hidden(),
}

var conditionClass = describe(description[*condition]{
	kind: "Condition", methods: conditionMethods, saved: saveNothing,
	observe: (*condition).observe,
	typeid:  "Condition", create: conditionType(),
	flag: Flag{"condition", "NAME", "a condition variable with a lock of its own"},
})

// Methods lists what clients may call.
func (*condition) Methods() []string { return conditionClass.listed }

// Call answers one call.
func (c *condition) Call(call *Call) (any, error) { return conditionMethods.Call(c, call) }

func (*condition) class() *class { return conditionClass }

func (c *condition) eachStored(f func(*storedValue)) {
	if c.home != nil {
		f(c.home)
	}
}

// String is what Python shows.
func (c *condition) String() string {
	c.mu.Lock()
	n := c.line.Len()
	c.mu.Unlock()
	return fmt.Sprintf("<Condition(%s, %d)>", c.lock, n)
}

func (c *condition) callAcquire(call *Call) (any, error) { return c.lock.callAcquire(call) }

func (c *condition) callRelease(call *Call) (any, error) { return c.lock.callRelease(call) }

func (c *condition) callLocked(call *Call) (any, error) { return c.lock.callLocked(call) }

// callWait lets go of the lock, waits to be notified, and takes the lock again. It returns whether it
// was notified; to Python 2, whose Condition.wait returns nothing, None.
func (c *condition) callWait(call *Call) (any, error) {
	t, err := call.timeoutAt(0)
	if err != nil {
		return nil, err
	}
	if !c.lock.isOwned(call.Owner()) {
		return nil, managers.ErrRuntimeError.New("cannot wait on un-acquired lock")
	}
	deadline := call.moment(t)
	if call.unwaitable != nil {
		return nil, call.unwaitable // with the lock
	}
	c.mu.Lock()
	w := c.line.Add(call, struct{}{})
	c.mu.Unlock()
	count, _ := c.lock.releaseAll(call.Owner())
	done, err := waits.Await(call, &c.mu, w, deadline)
	if err != nil && err != waits.ErrTimeout {
		if done {
			c.notify(1) // it reached nobody: somebody else shall have it
		}
		return nil, err
	}
	if _, err := c.lock.take(call, max(count, 1), true, time.Time{}); err != nil {
		if done {
			c.notify(1)
		}
		return nil, err
	}
	if call.Dialect().NativeBytes {
		return nil, nil
	}
	return done, nil
}

func (c *condition) callNotify(call *Call) (any, error) {
	if !c.lock.isOwned(call.Owner()) {
		return nil, managers.ErrRuntimeError.New("cannot notify on un-acquired lock")
	}
	c.mu.Lock()
	nobody := c.line.Len() == 0
	c.mu.Unlock()
	if nobody { // whom it is to wake is not looked at then: `while waiters and n > 0`
		return nil, nil
	}
	n, err := call.wakes()
	if err != nil {
		return nil, err
	}
	c.notify(n)
	return nil, nil
}

// wakes returns how many a notify wakes: those that come before n, less one for each, is no more than 0.
func (c *Call) wakes() (int, error) {
	if !c.Given(0) {
		return 1, nil
	}
	v, err := c.open(c.Value(0))
	if err != nil {
		return 0, err
	}
	n := timeoutOf(v)
	if !n.number {
		return 0, managers.ErrTypeError.New("'>' not supported between instances of '%s' and 'int'", values.TypeName(v))
	}
	if !(n.sec > 0) { // NaN, too
		return 0, nil
	}
	return int(math.Ceil(min(n.sec, math.MaxInt32))), nil
}

func (c *condition) callNotifyAll(call *Call) (any, error) {
	if !c.lock.isOwned(call.Owner()) {
		return nil, managers.ErrRuntimeError.New("cannot notify on un-acquired lock")
	}
	c.mu.Lock()
	woken := c.line.Release(nil)
	c.mu.Unlock()
	waits.WakeAll(woken)
	return nil, nil
}

// notify wakes up to n of those who wait.
func (c *condition) notify(n int) {
	c.mu.Lock()
	woken := c.line.Grant(n)
	c.mu.Unlock()
	waits.WakeAll(woken)
}

func conditionType() Type {
	sig := &Signature{Name: "Condition.__init__", Params: []string{"lock"}}
	return Type{New: func(c *Call) (Object, error) {
		if err := c.Bind(sig); err != nil {
			return nil, err
		}
		if c.Value(0).IsNone() {
			return &condition{lock: newLock(true)}, nil
		}
		return c.conditionOver(c.Value(0))
	}}
}

// conditionOver makes a Condition of a lock that a client has a proxy of.
func (c *Call) conditionOver(r pickle.Raw) (Object, error) {
	if e := c.referent(r); e != nil {
		if l, ok := e.object.(*lock); ok && c.mayUse(e, "acquire") {
			cell, err := c.store(r)
			if err != nil {
				return nil, err
			}
			home, _ := cell.(*storedValue)
			return &condition{lock: l, home: home}, nil
		}
	}
	v, err := c.open(r)
	if err != nil {
		return nil, err
	}
	const takes = "Condition() takes a proxy of this manager's Lock or RLock, or None"
	if o, ok := v.(*pickle.Object); ok {
		if _, ok := wire.ProxyOf(o); ok {
			return nil, managers.ErrTypeError.New(takes)
		}
	}
	return nil, managers.ErrAttributeError.New(fmt.Sprintf("'%s' object has no attribute 'acquire': %s", values.TypeName(v), takes))
}

func (c *condition) observe(o *managers.ObjectInfo) {
	c.mu.Lock()
	waiting := c.line.Len()
	c.mu.Unlock()
	c.lock.observe(o)
	o.Waiters += waiting
}
