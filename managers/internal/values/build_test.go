package values_test

import (
	"math/big"

	"mpbridge/pickle"
)

// Short names for what tests are full of.

func list(items ...any) *pickle.List { return &pickle.List{Items: items} }

func call(module, name string, args ...any) *pickle.Object {
	return &pickle.Object{
		Class: pickle.Global{Module: module, Name: name}, Args: pickle.Tuple(args)}
}

func class(module, name string) pickle.Global { return pickle.Global{Module: module, Name: name} }

func decimal(text string) *pickle.Object { return call("decimal", "Decimal", text) }

func fraction(text string) *pickle.Object { return call("fractions", "Fraction", text) }

func counter(pairs ...any) *pickle.Object {
	return call("collections", "Counter", pickle.NewDict(pairs...))
}

func orderedDict(pairs ...any) *pickle.Object {
	o := call("collections", "OrderedDict")
	for i := 0; i < len(pairs); i += 2 {
		o.Pairs = append(o.Pairs, pickle.Pair{Key: pairs[i], Value: pairs[i+1]})
	}
	return o
}

func defaultDict(factory any, pairs ...any) *pickle.Object {
	o := orderedDict(pairs...)
	o.Class, o.Args = class("collections", "defaultdict"), pickle.Tuple{factory}
	return o
}

func deque(maxlen any, items ...any) *pickle.Object {
	o := call("collections", "deque", pickle.Tuple{}, maxlen)
	o.Items = items
	return o
}

func array(typecode string, items ...any) *pickle.Object {
	return call("array", "array", typecode, list(items...))
}

// The moments show 2026-11-21 01:02:03.000004.
const (
	dateState = "\x07\xea\x0b\x15"
	timeState = "\x01\x02\x03\x00\x00\x04"
)

func delta(days, seconds, micros int) *pickle.Object {
	return call("datetime", "timedelta", int64(days), int64(seconds), int64(micros))
}

func zone(seconds int) *pickle.Object {
	return call("datetime", "timezone", delta(0, seconds, 0))
}

func datetime(args ...any) *pickle.Object {
	return call("datetime", "datetime", append([]any{[]byte(dateState + timeState)}, args...)...)
}

func uuid(n int64) *pickle.Object {
	o := call("uuid", "UUID")
	o.Kind, o.HasState, o.State = pickle.NewObj, true, pickle.NewDict("int", n)
	return o
}

func path(parts ...any) *pickle.Object { return call("pathlib", "PosixPath", parts...) }

func power(of int64, n int64) *big.Int {
	return new(big.Int).Exp(big.NewInt(of), big.NewInt(n), nil)
}

// inItself is a list that is its own only element.
func inItself() *pickle.List {
	l := list()
	l.Items = []any{l}
	return l
}

// deep is a list in lists.
func deep(levels int) any {
	var v any
	for range levels {
		v = list(v)
	}
	return v
}
