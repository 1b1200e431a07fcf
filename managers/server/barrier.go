package server

import (
	"fmt"
	"math"
	"sync"

	"mpbridge/managers"
	"mpbridge/managers/internal/waits"
	"mpbridge/managers/internal/wire"
)

// barrier is threading.Barrier without an action. Whoever waits and is gone does not count any more.
type barrier struct {
	parties int
	timeout timeout // for wait(None)

	mu     sync.Mutex // all below
	broken bool
	line   waits.Line[int] // with how many came before
}

var barrierMethods = Methods[*barrier]{
	"__getattribute__": Def(everyone, "__getattribute__", (*barrier).callGetattribute, 1, "name"),
	"wait":             Def(workers, "Barrier.wait", (*barrier).callWait, 0, "timeout"),
	"abort":            Def(workers, "Barrier.abort", (*barrier).callAbort, 0),
	"reset":            Def(workers, "Barrier.reset", (*barrier).callReset, 0),
}

var barrierClass = describe(description[*barrier]{
	kind: "Barrier", methods: barrierMethods, saved: saveNothing,
	observe: (*barrier).observe,
	typeid:  "Barrier", create: barrierType(),
	flag: Flag{"barrier", "NAME=PARTIES", "a barrier"},
})

// Methods lists what clients may call.
func (*barrier) Methods() []string { return barrierClass.listed }

// Call answers one call.
func (b *barrier) Call(c *Call) (any, error) { return barrierMethods.Call(b, c) }

func (*barrier) class() *class { return barrierClass }

// String is what Python shows, without the address in memory.
func (b *barrier) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken {
		return "<threading.Barrier: broken>"
	}
	return fmt.Sprintf("<threading.Barrier: waiters=%d/%d>", b.line.Len(), b.parties)
}

func (b *barrier) callGetattribute(c *Call) (any, error) {
	name, err := wire.Text(c.Value(0))
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch name {
	case "parties":
		return int64(b.parties), nil
	case "n_waiting":
		return int64(b.line.Len()), nil
	case "broken":
		return b.broken, nil
	}
	return nil, noAttribute("Barrier", name)
}

// callWait waits until as many are there as the barrier has parties, and returns how many came before.
func (b *barrier) callWait(c *Call) (any, error) {
	t, err := c.timeoutAt(0)
	if err != nil {
		return nil, err
	}
	if !t.given {
		t = b.timeout
	}
	deadline := c.sum(t)
	b.mu.Lock()
	if b.broken {
		b.mu.Unlock()
		return nil, managers.ErrBrokenBarrier
	}
	if b.line.Len()+1 == b.parties {
		woken := b.line.Release(nil)
		for i, w := range woken {
			w.For = i
		}
		b.mu.Unlock()
		waits.WakeAll(woken)
		return int64(b.parties - 1), nil
	}
	w := b.line.Add(c, 0)
	b.mu.Unlock()
	done, err := waits.Await(c, &b.mu, w, deadline)
	switch {
	case done && w.Err != nil:
		return nil, w.Err
	case done:
		return int64(w.For), nil
	case err == waits.ErrTimeout:
		b.end(true)
		return nil, managers.ErrBrokenBarrier
	}
	return nil, err
}

// end sends everybody away, and says whether others may come.
func (b *barrier) end(broken bool) {
	b.mu.Lock()
	b.broken = broken
	woken := b.line.Release(managers.ErrBrokenBarrier)
	b.mu.Unlock()
	waits.WakeAll(woken)
}

func (b *barrier) callAbort(*Call) (any, error) {
	b.end(true)
	return nil, nil
}

func (b *barrier) callReset(*Call) (any, error) {
	b.end(false)
	return nil, nil
}

func barrierType() Type {
	sig := &Signature{Name: "Barrier.__init__", Required: 1,
		Params: []string{"parties", "action", "timeout"}}
	return Type{New: func(c *Call) (Object, error) {
		if err := c.Bind(sig); err != nil {
			return nil, err
		}
		parties, err := c.count(0, 0, math.MaxInt, 0)
		switch {
		case err != nil:
			return nil, err
		case parties < 1:
			return nil, managers.ErrValueError.New("parties must be >= 1")
		case !c.Value(1).IsNone():
			return nil, managers.ErrNotImplemented.New("this server runs no Python code: Barrier(action=...) " +
				"cannot be called; let the party that wait() returns 0 to do it")
		}
		t, err := c.timeoutAt(2)
		return &barrier{parties: parties, timeout: t}, err
	}}
}

func (b *barrier) observe(o *managers.ObjectInfo) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o.Waiters = b.line.Len()
}
