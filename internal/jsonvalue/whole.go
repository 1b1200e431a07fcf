package jsonvalue

import (
	"math/big"

	"mpbridge/pickle"
)

// This file finds what the short form of an object would hide: a date does not show a call among its arguments.

// showsAll tells whether the short form of an object shows all that is in it but data: what is not data must be among
// what the form shows as values of its own.
func (w *Writer) showsAll(o *pickle.Object) bool {
	args, state, items, pairs := o.Args, o.State, o.Items, o.Pairs
	g, _ := o.Class.(pickle.Global)
	tuple, _ := args.(pickle.Tuple)
	switch name := g.String(); {
	case (name == "datetime.datetime" || name == "datetime.time") && len(tuple) == 2 && !w.Plain:
		args = tuple[:1] // the zone is shown
	case !w.Plain:
	case name == "collections.OrderedDict" || name == "collections.defaultdict":
		pairs = nil
	case name == "collections.Counter" && len(tuple) == 1:
		args = nil
	case name == "collections.deque":
		items = nil
	case isException(g):
		args = nil
	}
	if array, ok := state.(pickle.Tuple); ok && len(array) == 5 {
		state = array[:4] // the elements of an array of objects
	}
	ahead := append([]any{args, state, o.Setter}, items...)
	for _, p := range pairs {
		ahead = append(ahead, p.Key, p.Value)
	}
	if o.Kwargs != nil {
		ahead = append(ahead, o.Kwargs)
	}
	return isData(ahead)
}

// maxData bounds how much is looked at: short forms are for what is small, but for the bytes of an array.
const maxData = 1 << 12

// isData tells whether nothing is in values that Python would call or look up, but what makes times and numpy's types.
func isData(ahead []any) bool {
	for steps := 0; len(ahead) > 0; steps++ {
		v := ahead[len(ahead)-1]
		ahead = ahead[:len(ahead)-1]
		if steps > maxData || len(ahead) > maxData {
			return false
		}
		switch v := v.(type) {
		case nil, bool, int64, *big.Int, float64, complex128, string, pickle.ByteString, []byte, *pickle.ByteArray:
		case pickle.Tuple:
			ahead = append(ahead, v...)
		case *pickle.List:
			ahead = append(ahead, v.Items...)
		case *pickle.Dict:
			for k, value := range v.All() {
				ahead = append(ahead, k, value)
			}
		case pickle.Global:
			if !nameable(v) && v.Module != "numpy" {
				return false
			}
		case *pickle.Object:
			g, ok := v.Class.(pickle.Global)
			known := g.Module == "datetime" || g == (pickle.Global{Module: "numpy", Name: "dtype"})
			if !ok || !known || v.Setter != nil || v.Kwargs != nil || len(v.Items)+len(v.Pairs) > 0 {
				return false
			}
			ahead = append(ahead, v.Args, v.State)
		default:
			return false
		}
	}
	return true
}
