package spawn

import "mpbridge/pickle"

// bound is a call's arguments, or those that functools.partial holds.
type bound struct {
	args   []any
	kwargs *pickle.Dict
}

// with is the call of a partial: its own arguments stand first, keywords of the call replace its own.
func (b bound) with(args []any, kwargs *pickle.Dict) bound {
	out := bound{append(append([]any{}, b.args...), args...), &pickle.Dict{}}
	for _, d := range []*pickle.Dict{b.kwargs, kwargs} {
		for key, v := range d.All() {
			_ = out.kwargs.Set(key, v) // it was a key before
		}
	}
	return out
}

// maxPartials is how many partials may stand in one another.
const maxPartials = 100

// unwrap returns the function that a callable is and what functools.partial has bound; ok is false for what is no
// function with a name.
//
// Source: ForkingPickler reduces a partial to _rebuild_partial(func, args, keywords), in
// Lib/multiprocessing/reduction.py; other picklers call the class and give it (func, args, keywords, dict) as its state.
func unwrap(v any) (g pickle.Global, b bound, ok bool) {
	for range maxPartials {
		if g, ok = v.(pickle.Global); ok {
			return g, b, true
		}
		o, isObject := v.(*pickle.Object)
		if !isObject {
			return g, b, false
		}
		parts, _ := o.State.(pickle.Tuple)
		switch {
		case o.IsA("multiprocessing.reduction", "_rebuild_partial"):
			parts, _ = o.Args.(pickle.Tuple)
		case !o.IsA("functools", "partial"):
			return g, b, false
		}
		if len(parts) < 3 {
			return g, b, false
		}
		args, isTuple := parts[1].(pickle.Tuple)
		kwargs, isDict := parts[2].(*pickle.Dict)
		if !isTuple || !isDict {
			return g, b, false
		}
		v, b = parts[0], bound{args, kwargs}.with(b.args, b.kwargs)
	}
	return g, b, false
}
