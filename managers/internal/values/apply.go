package values

import (
	"math"
	"math/big"

	"mpbridge/pickle"
)

// This file has the iterators that call a function with each of their elements: map and starmap. Nothing is called:
// they are iterables where what the function makes is known without it.

// application makes one value of the arguments of a call; ok is false for those that it is not known to make something
// of.
type application func(w *Budget, args []any) (v any, ok bool, err error)

// applicationOf returns what a function makes of its arguments, nil for all that would have to be called.
func applicationOf(f any) application {
	one, two := functionOf(f), operation(nil)
	if f != nil {
		two = operationOf(f)
	}
	g, _ := f.(pickle.Global)
	if g == (pickle.Global{Module: "builtins", Name: "pow"}) || isOperator(g, "pow") {
		two = raised
	}
	many := g.Module == "builtins" && (g.Name == "max" || g.Name == "min")
	if one == nil && two == nil {
		return nil
	}
	return func(w *Budget, args []any) (v any, ok bool, err error) {
		switch {
		case one != nil && len(args) == 1:
			v, ok = one(w, args[0])
			return v, ok, w.Refused()
		case two != nil && (len(args) == 2 || many && len(args) > 2):
			v = args[0]
			for _, next := range args[1:] {
				if v, err = two(w, v, next); err != nil {
					return nil, false, err
				}
			}
			return v, v != nil || many, nil
		}
		return nil, false, nil
	}
}

// raised is a ** b of two integers of which b is not negative.
func raised(w *Budget, a, b any) (any, error) {
	x, y := toBig(a), toBig(b)
	if x == nil || y == nil || y.Sign() < 0 {
		return nil, nil
	}
	if x.BitLen() <= 1 { // -1, 0 and 1 to whichever power
		return smaller(unit(x, y)), nil
	}
	work := int64(math.MaxInt64)
	bits := int64(x.BitLen())
	if y.IsInt64() && y.Int64() <= math.MaxInt32 {
		bits *= y.Int64()
		work = digitWork(bits)
	}
	if err := w.leap(work); err != nil {
		return nil, err
	}
	if err := w.Make(1, bits/8); err != nil {
		return nil, err
	}
	return smaller(x.Exp(x, y, nil)), nil
}

// unit is x ** y of -1, 0 or 1.
func unit(x, y *big.Int) *big.Int {
	if y.Sign() == 0 || x.Sign() < 0 && y.Bit(0) == 0 {
		return big.NewInt(1)
	}
	return x
}

// mapped is map(function, iterable, …).
func mapped(w *Budget, o *pickle.Object, args pickle.Tuple, depth int) (stream, error) {
	if len(args) < 2 {
		return nil, notRead(o)
	}
	f := applicationOf(args[0])
	from, err := w.streams(args[1:], depth)
	if err != nil || f == nil {
		if err == nil {
			err = notRead(o)
		}
		return nil, err
	}
	return applied(w, o, f, func() ([]any, bool, error) {
		row := make([]any, len(from))
		for i, next := range from {
			v, ok, err := next()
			if err != nil || !ok {
				return nil, false, err
			}
			row[i] = v
		}
		return row, true, nil
	}), nil
}

// starred is starmap(function, iterable): each element has the arguments of one call.
func starred(w *Budget, o *pickle.Object, args pickle.Tuple, depth int) (stream, error) {
	if len(args) != 2 {
		return nil, notRead(o)
	}
	f := applicationOf(args[0])
	from, err := w.stream(args[1], depth)
	if err != nil || f == nil {
		if err == nil {
			err = notRead(o)
		}
		return nil, err
	}
	return applied(w, o, f, func() ([]any, bool, error) {
		v, ok, err := from()
		if err != nil || !ok {
			return nil, false, err
		}
		row, err := w.iterate(v, depth-1)
		return row, err == nil, err
	}), nil
}

// applied makes an element of the arguments of each call.
func applied(w *Budget, o *pickle.Object, f application, rows func() ([]any, bool, error)) stream {
	return func() (any, bool, error) {
		row, ok, err := rows()
		if err != nil || !ok {
			return nil, false, err
		}
		v, ok, err := f(w, row)
		if err == nil && !ok {
			err = notRead(o)
		}
		return v, err == nil, err
	}
}
