package values

import (
	"slices"

	"mpbridge/pickle"
)

// This file has the iterators that make their elements when they are asked: those of the module itertools, map and
// filter. They may be endless, and inside one another.
//
// Source: Modules/itertoolsmodule.c, Python/bltinmodule.c (map_reduce, filter_reduce) up to Python 3.13, which is the
// last one that pickles itertools.

// stream gives one element after another; ok is false at the end.
type stream func() (v any, ok bool, err error)

// maker makes the stream of an object of one class.
type maker func(w *Budget, o *pickle.Object, args pickle.Tuple, depth int) (stream, error)

// streamsOf are the makers by class. It is a function because the makers call it.
func streamsOf(g pickle.Global) maker {
	switch g.Module {
	case "builtins":
		switch g.Name {
		case "map":
			return mapped
		case "filter":
			return filtered(true)
		case "zip":
			return zippedStream
		}
	case "itertools":
		return itertools(g.Name)
	}
	return nil
}

// toolOf returns the maker of an object that is such an iterator.
func toolOf(v any) (maker, *pickle.Object, pickle.Tuple) {
	o, ok := v.(*pickle.Object)
	if !ok || o.Kind != pickle.Reduce {
		return nil, nil, nil
	}
	g, args, _ := classOf(o)
	return streamsOf(g), o, args
}

// toolItems spells out such an iterator.
func (w *Budget) toolItems(o *pickle.Object, depth int) ([]any, bool, error) {
	g, _, ok := classOf(o)
	if !ok || streamsOf(g) == nil {
		return nil, false, nil
	}
	next, err := w.stream(o, depth)
	if err != nil {
		return nil, false, err
	}
	items, err := w.drain(next, g.Name)
	return items, err == nil, err
}

// hasTools tells whether one of several iterables makes its elements when it is asked.
func hasTools(args []any) bool {
	return slices.ContainsFunc(args, func(a any) bool {
		maker, _, _ := toolOf(a)
		return maker != nil
	})
}

// drain takes all elements of a stream.
func (w *Budget) drain(next stream, name string) ([]any, error) {
	items := []any{}
	for {
		v, ok, err := next()
		if err != nil || !ok {
			return items, err
		}
		if len(items) == maxIterated {
			return nil, raise("MemoryError", "a %s has more than %d elements, too many to be written out", name, maxIterated)
		}
		if err := w.MakeEach(1, ValueBytes); err != nil {
			return nil, err
		}
		items = append(items, v)
	}
}

// stream begins to iterate over any iterable. Each step of it is counted.
func (w *Budget) stream(v any, depth int) (stream, error) {
	maker, o, args := toolOf(v)
	if maker == nil || depth < 0 {
		items, err := w.iterate(v, depth)
		return w.streamed(items), err
	}
	if err := w.opens(o); err != nil {
		return nil, err
	}
	inner, err := maker(w, o, args, depth-1)
	if err != nil {
		return nil, err
	}
	return func() (any, bool, error) {
		if err := w.Step(1); err != nil {
			return nil, false, err
		}
		return inner()
	}, nil
}

// streamed goes over elements that are there.
func (w *Budget) streamed(items []any) stream {
	i := 0
	return func() (any, bool, error) {
		if i >= len(items) {
			return nil, false, nil
		}
		i++
		return items[i-1], true, w.Step(1)
	}
}

// streams begins to iterate over several iterables.
func (w *Budget) streams(args []any, depth int) ([]stream, error) {
	out := make([]stream, len(args))
	for i, a := range args {
		var err error
		if out[i], err = w.stream(a, depth); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// notRead is the error for an iterator that this server has to call something for, or that is not as Python pickles it.
func notRead(o *pickle.Object) error {
	return typeError("'%s' object is not iterable here: this server runs no Python code", TypeName(o))
}

// makeRow counts a tuple of n elements, which stand in it but are not made with it.
func (w *Budget) makeRow(n int) error { return w.Make(int64(n), int64(rowBytes+n*ValueBytes/2)) }

// row makes a tuple of the next element of each; ok is false where one is at its end.
func (w *Budget) row(from []stream) (row pickle.Tuple, ok bool, err error) {
	if err := w.makeRow(len(from)); err != nil {
		return nil, false, err
	}
	row = make(pickle.Tuple, len(from))
	for i, next := range from {
		if row[i], ok, err = next(); err != nil || !ok {
			return nil, false, err
		}
	}
	return row, true, nil
}

func zippedStream(w *Budget, o *pickle.Object, args pickle.Tuple, depth int) (stream, error) {
	from, err := w.streams(args, depth)
	if err != nil {
		return nil, err
	}
	strict, _ := o.State.(bool)
	return func() (any, bool, error) {
		row, ok, err := w.row(from)
		if ok || err != nil || len(from) == 0 {
			return row, ok && len(from) > 0, err
		}
		if strict {
			return nil, false, notRead(o) // which of them was too short is not known any more
		}
		return nil, false, nil
	}, nil
}

// filtered passes what has a truth, or what has none.
func filtered(want bool) maker {
	return func(w *Budget, o *pickle.Object, args pickle.Tuple, depth int) (stream, error) {
		if len(args) != 2 || !isTruth(args[0]) {
			return nil, notRead(o)
		}
		from, err := w.stream(args[1], depth)
		if err != nil {
			return nil, err
		}
		return func() (any, bool, error) {
			for {
				v, ok, err := from()
				if err != nil || !ok {
					return nil, false, err
				}
				if yes, err := w.Truth(v); err != nil || yes == want {
					return v, err == nil, err
				}
			}
		}, nil
	}
}

// isTruth tells whether a predicate asks for the truth of its argument: None or bool.
func isTruth(f any) bool {
	return f == nil || f == any(pickle.Global{Module: "builtins", Name: "bool"})
}

// function is one of Python's builtins; ok is false for what it is not known to make something of.
type function func(w *Budget, v any) (out any, ok bool)

// functionOf returns the function that is applied by a map, nil for all that would have to be called.
func functionOf(f any) function {
	g, ok := f.(pickle.Global)
	if !ok || g.Module != "builtins" {
		return nil
	}
	switch g.Name {
	case "bool":
		return func(w *Budget, v any) (any, bool) {
			yes, err := w.Truth(v)
			return yes, err == nil
		}
	case "int":
		return func(_ *Budget, v any) (any, bool) { return Integer(v) }
	case "float":
		return func(_ *Budget, v any) (any, bool) {
			if _, isText := Text(v); isText {
				return nil, false
			}
			f, err := Float(v)
			return f, err == nil
		}
	case "str":
		return func(w *Budget, v any) (any, bool) {
			text, isText := v.(string)
			if isInt(v) {
				var err error
				text, err = w.Str(v, ReprStyle{})
				isText = err == nil && w.Make(1, int64(len(text))) == nil
			}
			return text, isText
		}
	case "tuple":
		return func(w *Budget, v any) (any, bool) {
			items, err := w.Iterate(v)
			return pickle.Tuple(items), err == nil
		}
	}
	return nil
}
