package pickle

// This file finds which of the values that a pickle throws away are in none that it keeps. Picklers throw away the
// second copy of what contains itself, whose parts are in the first.

// lost returns those of the popped values.
func (e *examiner) lost() []any {
	if len(e.popped) == 0 {
		return nil
	}
	r := reach{met: make(map[ident]bool)}
	r.walk(e.found.Value)
	r.walk(e.found.Stack...)
	for _, s := range e.found.Steps {
		r.walk(s.On, s.With)
	}
	var out []any
	for _, v := range e.popped {
		if r.misses(v) {
			out = append(out, v)
		}
		r.walk(v) // what is in it is shown with it, or was
	}
	return out
}

// reach walks through values. It keeps what lies ahead in a list: the depth of a value is its maker's choice.
type reach struct {
	met   map[ident]bool
	ahead []any
}

// wholeOf returns the identity of what can be changed, and of calls.
func wholeOf(v any) (ident, bool) {
	switch v := v.(type) {
	case *List:
		return pointerIdent(v), true
	case *Dict:
		return pointerIdent(v), true
	case *Set:
		return pointerIdent(v), true
	case *FrozenSet:
		return pointerIdent(v), true
	case *Object:
		return pointerIdent(v), v != nil
	case Tuple:
		return tupleIdent(v), len(v) > 0
	}
	return ident{}, false
}

func (r *reach) walk(values ...any) {
	r.ahead = append(r.ahead, values...)
	for len(r.ahead) > 0 {
		v := r.ahead[len(r.ahead)-1]
		r.ahead = r.ahead[:len(r.ahead)-1]
		if id, ok := wholeOf(v); ok && !r.met[id] {
			r.met[id] = true
			r.parts(v)
		}
	}
}

func (r *reach) parts(v any) {
	switch v := v.(type) {
	case *List:
		r.ahead = append(r.ahead, v.Items...)
	case *Dict:
		r.pairs(v.t.live())
	case *Set:
		r.pairs(v.t.live())
	case *FrozenSet:
		r.pairs(v.t.live())
	case Tuple:
		r.ahead = append(r.ahead, v...)
	case *Object:
		r.ahead = append(r.ahead, v.Class, v.Args, v.State, v.Setter)
		r.ahead = append(r.ahead, v.Items...)
		r.pairs(v.Pairs)
		if v.Kwargs != nil {
			r.ahead = append(r.ahead, v.Kwargs)
		}
	}
}

func (r *reach) pairs(pairs []Pair) {
	for _, p := range pairs {
		r.ahead = append(r.ahead, p.Key, p.Value)
	}
}

// misses tells whether a value, or a part of a tuple, was not met.
func (r *reach) misses(v any) bool {
	seen := make(map[ident]bool)
	for ahead := []any{v}; len(ahead) > 0; {
		v, ahead = ahead[len(ahead)-1], ahead[:len(ahead)-1]
		id, ok := wholeOf(v)
		if !ok || r.met[id] || seen[id] {
			continue
		}
		seen[id] = true
		t, isTuple := v.(Tuple)
		if !isTuple {
			return true
		}
		ahead = append(ahead, t...)
	}
	return false
}
