package server

import (
	"sync"

	"mpbridge/managers"
	"mpbridge/managers/internal/waits"
)

// event is threading.Event.
type event struct {
	mu   sync.Mutex // all below
	flag bool
	line waits.Line[struct{}]
}

var eventMethods = Methods[*event]{
	"is_set": Def(everyone, "Event.is_set", (*event).callIsSet, 0),
	"isSet":  Def(everyone, "Event.isSet", (*event).callIsSet, 0).Hidden(),
	"set":    Def(workers, "Event.set", (*event).callSet, 0),
	"clear":  Def(workers, "Event.clear", (*event).callClear, 0),
	"wait":   Def(everyone, "Event.wait", (*event).callWait, 0, "timeout"),
}

var eventClass = describe(description[*event]{
	kind: "Event", methods: eventMethods, saved: saveContents,
	observe: (*event).observe,
	typeid:  "Event", create: eventType(),
	flag: Flag{"event", "NAME", "an event"},
})

// Methods lists what clients may call.
func (*event) Methods() []string { return eventClass.listed }

// Call answers one call.
func (e *event) Call(c *Call) (any, error) { return eventMethods.Call(e, c) }

func (*event) class() *class { return eventClass }

// String is what Python shows, without the address in memory.
func (e *event) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.flag {
		return "<threading.Event: set>"
	}
	return "<threading.Event: unset>"
}

func (e *event) callIsSet(*Call) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.flag, nil
}

func (e *event) callSet(*Call) (any, error) {
	e.mu.Lock()
	e.flag = true
	woken := e.line.Release(nil)
	e.mu.Unlock()
	waits.WakeAll(woken)
	return nil, nil
}

func (e *event) callClear(*Call) (any, error) {
	e.mu.Lock()
	e.flag = false
	e.mu.Unlock()
	return nil, nil
}

// callWait returns whether the event was set: true also where it has been cleared again since.
func (e *event) callWait(c *Call) (any, error) {
	t, err := c.timeoutAt(0)
	if err != nil {
		return nil, err
	}
	deadline := c.moment(t)
	e.mu.Lock()
	if e.flag || waits.Expired(deadline) {
		defer e.mu.Unlock()
		return e.flag, nil
	}
	w := e.line.Add(c, struct{}{})
	e.mu.Unlock()
	done, err := waits.Await(c, &e.mu, w, deadline)
	if done || err == waits.ErrTimeout {
		return done, nil
	}
	return nil, err
}

func eventType() Type {
	sig := &Signature{Name: "Event.__init__"}
	return Type{New: func(c *Call) (Object, error) {
		if err := c.Bind(sig); err != nil {
			return nil, err
		}
		return &event{}, nil
	}}
}

func (e *event) observe(o *managers.ObjectInfo) {
	e.mu.Lock()
	defer e.mu.Unlock()
	o.Waiters = e.line.Len()
}
