package pickle

// Replace looks at every object in v and puts another value in its place where f says so. It goes over
// what lists, tuples, values of dicts, and the arguments and the content of objects hold: each of them once,
// in however many places it stands, and without recursion, so that it takes time in proportion to the size
// of the value, however much of it is shared, how deep it nests, and whether it holds itself. Keys of dicts
// and elements of sets are not looked at.
//
// f is called once for each object; what it returns with true stands in all places of the object and is not
// looked into. An error of f, or of the Meter, ends it. Containers keep their identity and are changed in
// place, tuples too: v must be a value that was just decoded, which nobody else has. The Meter may be nil.
func Replace(v any, m Meter, f func(*Object) (with any, replaced bool, err error)) (any, error) {
	r := replacer{f: f, tally: tally{meter: m}, seen: make(map[ident]struct{})}
	if err := r.place(&v); err != nil {
		return nil, err
	}
	for len(r.todo) > 0 {
		last := len(r.todo) - 1
		next := r.todo[last]
		r.todo = r.todo[:last]
		if err := r.inside(next); err != nil {
			return nil, err
		}
	}
	return v, r.tally.tell()
}

// replacer is one call of Replace.
type replacer struct {
	f     func(*Object) (any, bool, error)
	tally tally
	seen  map[ident]struct{} // what was, or will be, looked into
	made  map[*Object]any    // what stands for objects that were replaced
	todo  []any              // what to look into
}

// visitBytes is what remembering a container takes.
const visitBytes = 64

// place looks at a value where it stands.
func (r *replacer) place(at *any) error {
	switch v := (*at).(type) {
	case *Object:
		return r.object(at, v)
	case *List:
		return r.later(pointerIdent(v), v)
	case *Dict:
		return r.later(pointerIdent(v), v)
	case Tuple:
		if len(v) > 0 {
			return r.later(tupleIdent(v), v)
		}
	}
	return r.tally.add(0, 0)
}

func (r *replacer) object(at *any, o *Object) error {
	if with, ok := r.made[o]; ok {
		*at = with
		return r.tally.add(0, 1)
	}
	if _, again := r.seen[pointerIdent(o)]; again {
		return r.tally.add(0, 1)
	}
	with, replaced, err := r.f(o)
	if err != nil || !replaced {
		if err == nil {
			err = r.later(pointerIdent(o), o)
		}
		return err
	}
	if r.made == nil {
		r.made = make(map[*Object]any)
	}
	r.made[o] = with
	*at = with
	return r.tally.add(1, visitBytes)
}

// later remembers a container to look into, once.
func (r *replacer) later(id ident, container any) error {
	if _, again := r.seen[id]; again {
		return r.tally.add(0, 1)
	}
	r.seen[id] = struct{}{}
	r.todo = append(r.todo, container)
	return r.tally.add(1, visitBytes)
}

func (r *replacer) inside(container any) error {
	switch c := container.(type) {
	case Tuple:
		return r.all(c)
	case *List:
		return r.all(c.Items)
	case *Dict:
		return r.values(c.t.entries)
	case *Object:
		if err := r.place(&c.Args); err != nil {
			return err
		}
		if c.Kwargs != nil {
			if err := r.values(c.Kwargs.t.entries); err != nil {
				return err
			}
		}
		if err := r.place(&c.State); err != nil {
			return err
		}
		if err := r.all(c.Items); err != nil {
			return err
		}
		return r.values(c.Pairs)
	}
	return nil
}

func (r *replacer) all(items []any) error {
	for i := range items {
		if err := r.place(&items[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *replacer) values(pairs []Pair) error {
	for i := range pairs {
		if err := r.place(&pairs[i].Value); err != nil {
			return err
		}
	}
	return nil
}
