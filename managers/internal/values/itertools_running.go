package values

import (
	"math/big"

	"mpbridge/pickle"
)

// This file has the iterators of the module itertools that go on from what they gave before: accumulate and tee.

// accumulated is accumulate(it, func), whose state is the total so far; None is none.
func accumulated(w *Budget, o *pickle.Object, args pickle.Tuple, depth int) (stream, error) {
	if len(args) != 2 {
		return nil, notRead(o)
	}
	f := operationOf(args[1])
	if f == nil {
		return nil, notRead(o)
	}
	from, err := w.stream(args[0], depth)
	if err != nil {
		return nil, err
	}
	total, begun := o.State, o.HasState && o.State != nil
	return func() (any, bool, error) {
		v, ok, err := from()
		if err != nil || !ok {
			return nil, false, err
		}
		if begun {
			if v, err = f(w, total, v); err != nil {
				return nil, false, err
			}
			if v == nil {
				return nil, false, notRead(o)
			}
		}
		total, begun = v, true
		return v, true, nil
	}, nil
}

// operation makes one value of two; nil is what it is not known to make something of.
type operation func(w *Budget, a, b any) (any, error)

// operationOf returns what a function of two arguments does, nil for all that would have to be called.
func operationOf(f any) operation {
	switch g, _ := f.(pickle.Global); {
	case f == nil, isOperator(g, "add"):
		return added
	case isOperator(g, "mul"):
		return multiplied
	case g == pickle.Global{Module: "builtins", Name: "max"}:
		return chosen(GT)
	case g == pickle.Global{Module: "builtins", Name: "min"}:
		return chosen(LT)
	}
	return nil
}

func isOperator(g pickle.Global, name string) bool {
	return g.Name == name && (g.Module == "_operator" || g.Module == "operator")
}

// added is a + b of two numbers or two texts.
func added(w *Budget, a, b any) (any, error) {
	s, ok1 := a.(string)
	t, ok2 := b.(string)
	if ok1 && ok2 {
		return s + t, w.Make(0, int64(len(s)+len(t)))
	}
	x, y := toBig(a), toBig(b)
	if x != nil && y != nil {
		return smaller(x.Add(x, y)), w.Make(0, int64(x.BitLen()/8))
	}
	if !isFloatOrInt(a) || !isFloatOrInt(b) {
		return nil, nil
	}
	f, err := Float(a)
	if err != nil {
		return nil, err
	}
	g, err := Float(b)
	return f + g, err
}

// multiplied is a * b of two numbers.
func multiplied(w *Budget, a, b any) (any, error) {
	x, y := toBig(a), toBig(b)
	if x != nil && y != nil {
		bits := int64(x.BitLen() + y.BitLen())
		if err := w.leap(digitWork(bits)); err != nil {
			return nil, err
		}
		return smaller(x.Mul(x, y)), w.Make(0, bits/8)
	}
	if !isFloatOrInt(a) || !isFloatOrInt(b) {
		return nil, nil
	}
	f, err := Float(a)
	if err != nil {
		return nil, err
	}
	g, err := Float(b)
	return f * g, err
}

// chosen is max or min of two values: the first of those that are equal.
func chosen(op Op) operation {
	return func(w *Budget, a, b any) (any, error) {
		if better, err := w.Compare(op, b, a); err != nil || !better {
			return a, err
		}
		return b, nil
	}
}

// smaller returns an int64 where the number is one.
func smaller(n *big.Int) any {
	if n.IsInt64() {
		return n.Int64()
	}
	return n
}

// teed is one of the iterators that tee has made: its state is a link of what they share, and how many of its values
// the iterator has given. A link is made of the iterator that all read, of what was read of it, and of the next link.
func teed(w *Budget, o *pickle.Object, _ pickle.Tuple, depth int) (stream, error) {
	state, _ := o.State.(pickle.Tuple)
	if len(state) != 2 {
		return nil, notRead(o)
	}
	link, isLink := state[0].(*pickle.Object)
	at, isInt := state[1].(int64)
	if !isLink || !isInt || at < 0 {
		return nil, notRead(o)
	}
	var rest stream
	return func() (any, bool, error) {
		for rest == nil {
			source, values, next, ok := linkOf(link)
			if !ok || at > int64(len(values)) {
				return nil, false, notRead(o)
			}
			if at < int64(len(values)) {
				at++
				return values[at-1], true, w.Step(1)
			}
			if next != nil {
				link, at = next, 0
				if err := w.Step(1); err != nil { // links may go round in a circle
					return nil, false, err
				}
				continue
			}
			var err error
			if rest, err = w.stream(source, depth); err != nil {
				return nil, false, err
			}
		}
		return rest()
	}, nil
}

func linkOf(o *pickle.Object) (source any, values []any, next *pickle.Object, ok bool) {
	args, _ := o.Args.(pickle.Tuple)
	if !o.IsA("itertools", "_tee_dataobject") || len(args) != 3 {
		return nil, nil, nil, false
	}
	list, ok := args[1].(*pickle.List)
	if !ok {
		return nil, nil, nil, false
	}
	next, isLink := args[2].(*pickle.Object)
	return args[0], list.Items, next, isLink || args[2] == nil
}
