package values

import (
	"math/big"

	"mpbridge/pickle"
)

// This file has the iterators of the module itertools that take their elements from others.

// itertools returns the maker of a class of the module.
func itertools(name string) maker {
	switch name {
	case "chain":
		return chained
	case "repeat":
		return repeated
	case "count":
		return counted
	case "cycle":
		return cycled
	case "islice":
		return sliced
	case "takewhile":
		return taken
	case "dropwhile":
		return dropped
	case "filterfalse":
		return filtered(false)
	case "compress":
		return compressed
	case "zip_longest":
		return zippedLongest
	case "product", "permutations", "combinations", "combinations_with_replacement":
		return combined(name)
	case "accumulate":
		return accumulated
	case "_tee":
		return teed
	case "starmap":
		return starred
	case "groupby", "_grouper": // what groupby gives shares its state with it
		return func(_ *Budget, o *pickle.Object, _ pickle.Tuple, _ int) (stream, error) { return nil, notRead(o) }
	}
	return nil
}

// chained goes through one iterable after another. Its state is the iterator over these, and what is left of the one
// that it is in.
func chained(w *Budget, o *pickle.Object, args pickle.Tuple, depth int) (stream, error) {
	state, ok := o.State.(pickle.Tuple)
	if !o.HasState && len(args) > 0 { // chain(a, b), as pickles by hand may have it
		state, ok = pickle.Tuple{args}, true
	}
	if !ok && !o.HasState {
		state = pickle.Tuple{pickle.Tuple{}}
	} else if !ok || len(state) < 1 || len(state) > 2 {
		return nil, notRead(o)
	}
	source, err := w.stream(state[0], depth)
	if err != nil {
		return nil, err
	}
	current := w.streamed(nil)
	if len(state) == 2 {
		if current, err = w.stream(state[1], depth); err != nil {
			return nil, err
		}
	}
	return func() (any, bool, error) {
		for {
			if v, ok, err := current(); ok || err != nil {
				return v, ok, err
			}
			part, ok, err := source()
			if err != nil || !ok {
				return nil, false, err
			}
			if current, err = w.stream(part, depth); err != nil {
				return nil, false, err
			}
		}
	}, nil
}

func repeated(_ *Budget, o *pickle.Object, args pickle.Tuple, _ int) (stream, error) {
	if len(args) != 1 && len(args) != 2 {
		return nil, notRead(o)
	}
	left, endless := int64(0), len(args) == 1
	if !endless {
		var ok bool
		if left, ok = args[1].(int64); !ok {
			return nil, notRead(o)
		}
	}
	return func() (any, bool, error) {
		if !endless {
			if left <= 0 {
				return nil, false, nil
			}
			left--
		}
		return args[0], true, nil
	}, nil
}

// counted gives numbers for ever. Those beyond an int64 take the memory that they take.
func counted(w *Budget, o *pickle.Object, args pickle.Tuple, _ int) (stream, error) {
	if len(args) != 1 && len(args) != 2 {
		return nil, notRead(o)
	}
	step := any(int64(1))
	if len(args) == 2 {
		step = args[1]
	}
	at, by := toBig(args[0]), toBig(step)
	if at != nil && by != nil {
		return func() (any, bool, error) {
			var v any = new(big.Int).Set(at)
			if at.IsInt64() {
				v = at.Int64()
			}
			at.Add(at, by)
			return v, true, w.Make(0, int64(at.BitLen()/8))
		}, nil
	}
	f, err1 := Float(args[0])
	by64, err2 := Float(step)
	if err1 != nil || err2 != nil || !isFloatOrInt(args[0]) || !isFloatOrInt(step) {
		return nil, notRead(o)
	}
	first := args[0] // an int, perhaps, to which a float is added
	return func() (any, bool, error) {
		v := first
		first, f = f+by64, f+by64
		return v, true, nil
	}, nil
}

func isFloatOrInt(v any) bool {
	_, isFloat := v.(float64)
	return isFloat || toBig(v) != nil
}

// cycled goes through an iterator, and then through what it gave, for ever. Its state is what it gave before, and
// whether it is through already.
func cycled(w *Budget, o *pickle.Object, args pickle.Tuple, depth int) (stream, error) {
	if len(args) != 1 {
		return nil, notRead(o)
	}
	var saved []any
	again := false
	if state, ok := o.State.(pickle.Tuple); ok && len(state) == 2 {
		list, isList := itemsOf(state[0])
		yes, err := w.Truth(state[1])
		if !isList || err != nil {
			return nil, notRead(o)
		}
		saved, again = append(saved, list...), yes
	} else if o.HasState {
		return nil, notRead(o)
	}
	from, err := w.stream(args[0], depth)
	if err != nil {
		return nil, err
	}
	return func() (any, bool, error) {
		for {
			v, ok, err := from()
			if err != nil {
				return nil, false, err
			}
			if ok {
				if !again {
					err = w.MakeEach(1, ValueBytes)
					saved = append(saved, v)
				}
				return v, err == nil, err
			}
			if len(saved) == 0 {
				return nil, false, nil
			}
			again, from = true, w.streamed(saved)
		}
	}, nil
}

// sliced is islice(it, next, stop, step), and its state how many elements it has taken.
func sliced(w *Budget, o *pickle.Object, args pickle.Tuple, depth int) (stream, error) {
	next, stop, step, at := int64(0), any(nil), int64(1), int64(0)
	ok1, ok2, ok3 := true, true, true
	switch len(args) {
	case 2:
		stop = args[1]
	case 4:
		next, ok1 = args[1].(int64)
		step, ok2 = args[3].(int64)
		stop = args[2]
	default:
		return nil, notRead(o)
	}
	if o.HasState {
		at, ok3 = o.State.(int64)
	}
	last, bounded := stop.(int64)
	if !ok1 || !ok2 || !ok3 || !bounded && stop != nil || next < 0 || step < 1 || at < 0 || bounded && last < 0 {
		return nil, notRead(o)
	}
	from, err := w.stream(args[0], depth)
	if err != nil {
		return nil, err
	}
	return func() (any, bool, error) {
		for ; at < next; at++ {
			if _, ok, err := from(); err != nil || !ok {
				return nil, false, err
			}
		}
		if bounded && at >= last {
			return nil, false, nil
		}
		v, ok, err := from()
		if err != nil || !ok {
			return nil, false, err
		}
		at++
		if next += step; next < 0 || bounded && next > last { // over the largest int64, or the end
			next = last
		}
		return v, true, nil
	}, nil
}

// flagged reads an iterator that was made of bool and another, and whose state is a flag.
func (w *Budget) flagged(o *pickle.Object, args pickle.Tuple, depth int) (set bool, from stream, err error) {
	if o.HasState {
		set, err = w.Truth(o.State)
	}
	if err != nil || len(args) != 2 || !isTruth(args[0]) || args[0] == nil {
		return false, nil, notRead(o)
	}
	from, err = w.stream(args[1], depth)
	return set, from, err
}

// taken gives what comes before the first element that has no truth.
func taken(w *Budget, o *pickle.Object, args pickle.Tuple, depth int) (stream, error) {
	through, from, err := w.flagged(o, args, depth)
	if err != nil {
		return nil, err
	}
	return func() (any, bool, error) {
		if through {
			return nil, false, nil
		}
		v, ok, err := from()
		if err != nil || !ok {
			return nil, false, err
		}
		yes, err := w.Truth(v)
		through = !yes
		return v, yes && err == nil, err
	}, nil
}

// dropped gives what comes from the first element on that has no truth.
func dropped(w *Budget, o *pickle.Object, args pickle.Tuple, depth int) (stream, error) {
	begun, from, err := w.flagged(o, args, depth)
	if err != nil {
		return nil, err
	}
	return func() (any, bool, error) {
		for {
			v, ok, err := from()
			if err != nil || !ok || begun {
				return v, ok, err
			}
			yes, err := w.Truth(v)
			if begun = !yes; begun || err != nil {
				return v, err == nil, err
			}
		}
	}, nil
}

// compressed gives the elements of the first whose neighbour in the second has a truth.
func compressed(w *Budget, o *pickle.Object, args pickle.Tuple, depth int) (stream, error) {
	if len(args) != 2 {
		return nil, notRead(o)
	}
	from, err := w.streams(args, depth)
	if err != nil {
		return nil, err
	}
	return func() (any, bool, error) {
		for {
			v, ok, err := from[0]()
			if err != nil || !ok {
				return nil, false, err
			}
			choice, ok, err := from[1]()
			if err != nil || !ok {
				return nil, false, err
			}
			if yes, err := w.Truth(choice); err != nil || yes {
				return v, err == nil, err
			}
		}
	}, nil
}

// zippedLongest fills the rows of those that are at their end with its state.
func zippedLongest(w *Budget, o *pickle.Object, args pickle.Tuple, depth int) (stream, error) {
	from, err := w.streams(args, depth)
	if err != nil {
		return nil, err
	}
	return func() (any, bool, error) {
		if err := w.makeRow(len(from)); err != nil {
			return nil, false, err
		}
		row, any := make(pickle.Tuple, len(from)), false
		for i, next := range from {
			v, ok, err := next()
			if err != nil {
				return nil, false, err
			}
			if row[i] = v; !ok {
				row[i] = o.State
			}
			any = any || ok
		}
		return row, any, nil
	}, nil
}
