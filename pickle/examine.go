package pickle

import (
	"errors"
	"math"
)

// Examination is what Examine finds in a pickle.
type Examination struct {
	// Value is what the pickle leaves; Whole is false where it ends before it leaves anything.
	Value any
	Whole bool
	// Size is how many bytes the pickle takes, STOP included, as far as it can be read.
	Size int
	// Err says why it cannot be read any farther: a *SyntaxError, which says where, or a *LimitError. It is nil where
	// the pickle is whole.
	Err error
	// Stack is what lies below the value, or, where there is none, all that was made until then. A Mark is one.
	Stack []any
	// Discarded are the values that were made and thrown away, and are in no other: calls whose result nobody gets.
	Discarded []any
	// Steps are the opcodes that do what the value does not show, in their order.
	Steps []Step
}

// Step is an opcode that does something to a value, or would.
type Step struct {
	Offset int64 // in the pickle
	Op     Op
	On     any   // the value; nil where there is none
	With   any   // what is done to it: its state, or a Tuple of elements, or of keys and values in turn
	Err    error // why Unmarshal does not do it
}

// Mark is a mark on the stack of a pickle.
type Mark struct{}

// Plain tells whether the value is all there is to be seen.
func (x *Examination) Plain() bool {
	return x.Whole && len(x.Stack)+len(x.Discarded)+len(x.Steps) == 0
}

// Examine reads a pickle for who wants to see what is in it, also where Unmarshal refuses it: pickles that are cut short,
// that throw away what they make, or do to a value what it does not take. Nothing is imported or called. The limits are
// those of Unmarshal, but for open marks and digits, of which more are read.
func Examine(data []byte) *Examination {
	o := &DecodeOptions{MaxDepth: CeilMaxDepth, MaxDigits: maxExaminedDigits, MaxBytes: math.MaxInt}
	lim, err := o.check()
	if err != nil {
		return &Examination{Err: err}
	}
	lim.long = 0
	e := examiner{decoder: decoders.Get().(*decoder), found: new(Examination)}
	defer e.release()
	e.prepare(data, lim, o)
	e.lenient = true
	e.run()
	return e.found
}

// maxExaminedDigits is how many decimal digits of an integer are read.
const maxExaminedDigits = 100_000

// examiner runs a decoder, and goes on where that would not.
type examiner struct {
	*decoder
	found  *Examination
	popped []any
}

func (e *examiner) run() {
	x := e.found
	for !x.Whole && x.Err == nil {
		op, arg, err := e.next()
		if e.fault != nil {
			e.step(op, nil, nil, e.fault)
		}
		switch {
		case err != nil:
			x.Err = err
		case op == opStop:
			x.Err = e.end()
		case handlers[op] == nil:
			x.Err = e.fail(errUnknownOp)
		default:
			x.Err = e.do(op, arg)
		}
	}
	x.Size = e.pos
	x.Stack = e.rest()
	x.Discarded = e.lost()
}

// end is STOP. Keys that cannot be compared are no reason not to show them.
func (e *examiner) end() error {
	if err := e.need(1); err != nil {
		return e.fail(err)
	}
	if _, err := e.stop(); err != nil {
		e.step(opStop, nil, nil, err)
	}
	e.found.Value, e.found.Whole = e.top(0), true
	e.drop(1)
	return nil
}

// rest returns what is left on the stack, and marks where they lie.
func (e *examiner) rest() []any {
	var out []any
	from := 0
	for _, height := range e.marks {
		out = append(append(out, e.stack[from:height]...), Mark{})
		from = height
	}
	return append(out, e.stack[from:]...)
}

// do executes an opcode, or notes it where it cannot be.
func (e *examiner) do(op Op, arg []byte) error {
	height, marks := len(e.stack), e.marks
	var err error
	switch op {
	case opPop:
		err = e.throwOne()
	case opPopMark:
		err = e.throwToMark()
	default:
		err = handlers[op](e.decoder, arg)
	}
	if err == nil {
		return nil
	}
	limit := (*LimitError)(nil)
	if errors.As(err, &limit) && !limitsOneValue(op) || len(e.stack) != height {
		return e.placed(err)
	}
	e.marks = marks // a handler takes the mark off before it looks at what is above
	if !e.note(op, err) {
		return e.placed(err)
	}
	return nil
}

// limitsOneValue tells whether a limit that an opcode meets, with the stack as it was, is that of a number or a key.
func limitsOneValue(op Op) bool {
	switch op {
	case opInt, opLong, opSetItem, opSetItems, opAddItems, opDict, opFrozenSet, opReduce:
		return true
	}
	return false
}

// throwOne is POP.
func (e *examiner) throwOne() error {
	if e.need(1) == nil {
		o, ok := e.top(0).(*Object)
		if below := (*Object)(nil); ok {
			if below = e.setBy(o); below != nil && !below.HasState {
				return e.popObject(o)
			}
		}
		e.popped = append(e.popped, e.top(0))
	}
	return e.pop()
}

// throwToMark is POP_MARK.
func (e *examiner) throwToMark() error {
	items, err := e.toMark()
	if err == nil {
		e.popped = append(e.popped, items...)
		e.drop(len(items))
	}
	return err
}

// step notes what an opcode does.
func (e *examiner) step(op Op, on, with any, err error) {
	e.found.Steps = append(e.found.Steps, Step{Offset: int64(e.at), Op: op, On: on, With: with, Err: err})
}
