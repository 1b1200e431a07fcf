package synchronize

import (
	"fmt"
	"time"

	"mpbridge/pickle"
)

// Condition is the condition that the barrier is made of: see Condition.Repair. It is on an RLock.
func (b *Barrier) Condition() *Condition { return b.cond }

// Close ends the use of the barrier by this process: see SemLock.Close.
func (b *Barrier) Close() error { return b.parts.Close() }

// Unlink removes the names of the barrier: see SemLock.Unlink.
func (b *Barrier) Unlink() error { return b.parts.Unlink() }

// Names are the names that Unlink removes.
func (b *Barrier) Names() []string { return b.parts.Names() }

// toPickle writes the state (parties, action, timeout, condition, memory).
func (b *Barrier) toPickle(p *Pickler) (*pickle.Object, error) {
	switch {
	case p.Python2:
		return nil, fmt.Errorf("synchronize: Python 2 has no Barrier")
	case p.Buffer == nil:
		return nil, fmt.Errorf("synchronize: a Barrier is pickled with Pickler.Buffer only")
	case b.options.Action != nil && b.options.PythonAction == nil:
		return nil, fmt.Errorf("synchronize: a Barrier with an Action is pickled with a PythonAction only")
	}
	cond, err := p.Object(b.cond)
	if err != nil {
		return nil, err
	}
	memory, err := p.Buffer(b.memory)
	if err != nil {
		return nil, err
	}
	var timeout any
	if b.options.Timeout > 0 {
		timeout = b.options.Timeout.Seconds()
	}
	state := pickle.Tuple{int64(b.parties), b.options.PythonAction, timeout, cond, memory}
	return instance("Barrier", state), nil
}

// barrier reads what toPickle writes.
func (u *Unpickler) barrier(o *pickle.Object) (any, error) {
	state, ok := o.State.(pickle.Tuple)
	if !ok || len(state) != 5 {
		return nil, &StateError{"Barrier", "its state is no tuple (parties, action, timeout, condition, memory)"}
	}
	b, err := u.barrierOf(state)
	if err != nil {
		return nil, err
	}
	r := u.reader("Barrier")
	b.cond = r.condition(state[3])
	if r.err == nil && !isA[*RLock](b.cond.lock) {
		r.fail("its Condition is on no RLock")
	}
	if b.parts, err = r.done(); err != nil {
		return nil, err
	}
	return b, nil
}

// barrierOf is a barrier but for its condition.
func (u *Unpickler) barrierOf(state pickle.Tuple) (*Barrier, error) {
	parties, ok := state[0].(int64)
	if !ok || parties < 1 || parties > SemValueMax {
		return nil, &StateError{"Barrier", "it has no number of parties"}
	}
	b := &Barrier{parties: int(parties), options: BarrierOptions{Options: u.Options.copy(), PythonAction: state[1]}}
	var err error
	if b.options.Timeout, err = seconds(state[2]); err != nil {
		return nil, err
	}
	if state[1] != nil {
		if u.Action == nil {
			return nil, &StateError{"Barrier", "it has an action, and Unpickler.Action is not set"}
		}
		if b.options.Action, err = u.Action(state[1]); err != nil {
			return nil, err
		}
	}
	if u.Buffer == nil {
		return nil, &StateError{"Barrier", "its memory cannot be opened: Unpickler.Buffer is not set"}
	}
	memory, err := u.Buffer(state[4])
	if err != nil {
		return nil, err
	}
	return b, b.setMemory(memory)
}

// seconds reads a timeout: None, or a number of seconds that is not negative.
func seconds(v any) (time.Duration, error) {
	var s float64
	switch v := v.(type) {
	case nil:
		return 0, nil
	case int64:
		s = float64(v)
	case float64:
		s = v
	default:
		return 0, &StateError{"Barrier", "its timeout is no number"}
	}
	if !(s > 0) { // it is over at once: NaN as well
		return 1, nil
	}
	const most = float64(1<<62 - 1)
	return time.Duration(min(s*float64(time.Second), most)), nil
}
