package pickle

import "errors"

// This file goes on where a decoder does not: what an opcode would do to values that do not take it is noted.

// note makes up for an opcode that failed with err, the stack still being as it was before. It returns false where
// that cannot be.
func (e *examiner) note(op Op, err error) bool {
	switch op {
	case opAppend, opBuild:
		return e.noteFixed(op, 1, err)
	case opSetItem:
		return e.noteFixed(op, 2, err)
	case opAppends, opAddItems, opSetItems:
		return e.noteMarked(op, err)
	case opReduce, opNewObj, opNewObjEx:
		return e.notePlainCall(op)
	case opObj:
		return e.noteMarkedCall(OldInstance, nil)
	case opDict:
		return e.noteMarkedCall(Reduce, Global{"builtins", "dict"})
	case opFrozenSet:
		return e.noteMarkedCall(Reduce, Global{"builtins", "frozenset"})
	case opInt, opLong, opNextBuffer:
		if limit := (*LimitError)(nil); op != opNextBuffer && !errors.As(err, &limit) {
			return false
		}
		e.step(op, nil, nil, err)
		return e.push(&Object{Args: Tuple{}}) == nil
	case opReadOnlyBuffer:
		if e.need(1) != nil {
			return false
		}
		e.step(op, e.top(0), nil, err)
		return true
	case opStackGlobal:
		return e.noteNames(err)
	}
	return false
}

// noteFixed notes what is done with the n values on top to the one below.
func (e *examiner) noteFixed(op Op, n int, err error) bool {
	if e.need(n+1) != nil {
		return false
	}
	with := e.top(0)
	if n > 1 {
		with = e.taken(n)
	}
	e.step(op, e.top(n), with, err)
	e.drop(n)
	return true
}

// taken returns a copy of the n values on top.
func (e *examiner) taken(n int) Tuple { return append(Tuple{}, e.stack[len(e.stack)-n:]...) }

// noteMarked notes what is done with the values above the mark to the one below it.
func (e *examiner) noteMarked(op Op, err error) bool {
	items, markErr := e.toMark()
	if markErr != nil || e.need(len(items)+1) != nil {
		return false
	}
	e.step(op, e.top(len(items)), e.taken(len(items)), err)
	e.drop(len(items))
	return true
}

// notePlainCall makes an object of what is no class, or has no arguments that could be.
func (e *examiner) notePlainCall(op Op) bool {
	n, o := int(steps[op].pops), &Object{Kind: Reduce}
	if e.need(n) != nil {
		return false
	}
	o.Class, o.Args = e.top(n-1), e.top(n-2)
	switch op {
	case opNewObj:
		o.Kind = NewObj
	case opNewObjEx:
		o.Kind = NewObjEx
		kwargs, ok := e.top(0).(*Dict)
		if o.Kwargs = kwargs; !ok {
			o.Args = Tuple{o.Args, e.top(0)}
		}
	}
	return e.object(n, o) == nil
}

// noteMarkedCall makes an object of the values above the mark: a class, where none is given, and what it is called
// with.
func (e *examiner) noteMarkedCall(kind ObjectKind, class any) bool {
	items, err := e.toMark()
	if err != nil || class == nil && len(items) == 0 {
		return false
	}
	args := e.taken(len(items))
	if class == nil {
		class, args = args[0], args[1:]
	} else {
		args = Tuple{&List{args}}
	}
	return e.object(len(items), &Object{Kind: kind, Class: class, Args: args}) == nil
}

// noteNames notes what is no module and no name.
func (e *examiner) noteNames(err error) bool {
	if e.need(2) != nil {
		return false
	}
	e.step(opStackGlobal, nil, e.taken(2), err)
	return e.replace(2, &Object{Args: Tuple{}}) == nil
}
