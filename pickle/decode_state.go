package pickle

import "fmt"

// This file has BUILD: the state of an object.

func (d *decoder) doBuild([]byte) error {
	if err := d.need(2); err != nil {
		return err
	}
	state := d.top(0)
	o, ok := d.top(1).(*Object)
	switch {
	case !ok && (noState(state) || isGlobal(d.top(1)) && noAttributes(state)):
	case !ok:
		return errNoState
	case o.HasState:
		return errStateTwice
	default:
		if err := fits(o, state); err != nil {
			return err
		}
		o.State, o.HasState = state, true
	}
	d.drop(1)
	return nil
}

// noState tells whether nothing is done for a state, whatever it is the state of: there is nothing in it.
func noState(state any) bool {
	inst, slots, ok := parts(state)
	return ok && inst == nil && slots.Len() == 0
}

// noAttributes tells whether a state sets no attribute, of what can have some.
func noAttributes(state any) bool {
	inst, slots, ok := parts(state)
	return ok && inst.Len() == 0 && slots.Len() == 0
}

func isGlobal(v any) bool {
	_, ok := v.(Global)
	return ok
}

// parts returns what a state consists of where the class has no __setstate__: the dict of the instance, which is nil
// for None, and that of the slots. ok is false where it is anything else.
//
// Source: load_build in Modules/_pickle.c.
func parts(state any) (inst, slots *Dict, ok bool) {
	slots = new(Dict)
	if t, pair := state.(Tuple); pair && len(t) == 2 {
		if slots, ok = t[1].(*Dict); !ok {
			return nil, nil, false
		}
		state = t[0]
	}
	if state == nil {
		return nil, slots, true
	}
	inst, ok = state.(*Dict)
	return inst, slots, ok
}

// fits checks a state where it is known what the class takes. A class of the user's may have a __setstate__ for
// anything.
func fits(o *Object, state any) error {
	g, _, ok := o.class()
	if !ok {
		return nil
	}
	if g.Module == "builtins" && isExceptionName(g.Name) {
		if _, isDict := state.(*Dict); !isDict && state != nil {
			return fmt.Errorf("the state of %v is not a dict", g)
		}
		return nil
	}
	switch kind := statesOf[g]; {
	case kind == stateAny:
	case kind == stateNone && !noState(state):
		return fmt.Errorf("%v has no attributes", g)
	default:
		if _, _, ok := parts(state); !ok {
			return fmt.Errorf("the state of %v is not a dict", g)
		}
	}
	return nil
}

type stateKind uint8

const (
	stateAny   stateKind = iota // not known
	stateAttrs                  // attributes, and no __setstate__
	stateNone                   // no attributes
)

// statesOf are classes without a __setstate__.
var statesOf = map[Global]stateKind{
	{"builtins", "bool"}:           stateNone,
	{"builtins", "bytearray"}:      stateNone,
	{"builtins", "bytes"}:          stateNone,
	{"builtins", "complex"}:        stateNone,
	{"builtins", "dict"}:           stateNone,
	{"builtins", "float"}:          stateNone,
	{"builtins", "frozenset"}:      stateNone,
	{"builtins", "int"}:            stateNone,
	{"builtins", "list"}:           stateNone,
	{"builtins", "object"}:         stateNone,
	{"builtins", "set"}:            stateNone,
	{"builtins", "str"}:            stateNone,
	{"builtins", "tuple"}:          stateNone,
	{"collections", "Counter"}:     stateAttrs,
	{"collections", "OrderedDict"}: stateAttrs,
	{"collections", "UserDict"}:    stateAttrs,
	{"collections", "UserList"}:    stateAttrs,
	{"collections", "UserString"}:  stateAttrs,
	{"collections", "defaultdict"}: stateNone,
	{"collections", "deque"}:       stateNone,
	{"types", "SimpleNamespace"}:   stateAttrs,
}
