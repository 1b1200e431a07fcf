package pickle

import "strings"

// SetOf returns the elements of what is, as far as its pickle shows, an instance of a subclass of set or frozenset: a
// call of a class that nobody here knows, with a list of different elements that have a hash. Which of the two it is
// cannot be seen; as a key it is a frozenset. The Meter, which may be nil, counts what it takes to compare the elements.
//
// Source: set_reduce in Objects/setobject.c.
func SetOf(o *Object, m Meter) (*FrozenSet, bool) { return setOf(o, meterOf(m)) }

func setOf(o *Object, work *meter) (*FrozenSet, bool) {
	g, ok := o.Class.(Global)
	if !ok || o.Kind != Reduce || len(o.Items)+len(o.Pairs) > 0 || o.Setter != nil || !mayBeSet(g) {
		return nil, false
	}
	args := o.args()
	if len(args) != 1 {
		return nil, false
	}
	elements, isList := args[0].(*List)
	if _, isDict := o.State.(*Dict); !isList || o.State != nil && !isDict {
		return nil, false
	}
	s := new(FrozenSet)
	for _, v := range elements.Items {
		n := s.t.len()
		if s.t.set(v, nil, work) != nil || s.t.len() == n {
			return nil, false
		}
	}
	return s, true
}

// mayBeSet tells whether a name may be that of a class of the user's that is a set: one that begins with a capital, is no
// exception's, and is of none of the modules whose classes are known.
func mayBeSet(g Global) bool {
	name := g.Name[strings.LastIndexByte(g.Name, '.')+1:]
	if first := strings.TrimLeft(name, "_"); first == "" || first[0] < 'A' || first[0] > 'Z' {
		return false
	}
	for _, end := range []string{"Error", "Exception", "Warning"} {
		if strings.HasSuffix(name, end) {
			return false
		}
	}
	root, _, _ := strings.Cut(g.Module, ".")
	return !strings.Contains(knownModules, " "+root+" ")
}

// knownModules have classes that are made of a list and are no sets.
const knownModules = " builtins collections array datetime decimal fractions functools io itertools numpy operator pandas" +
	" pathlib pytz queue random threading types uuid zoneinfo ctypes weakref dill cloudpickle exceptions "
