package values

import (
	"math/big"
	"strings"

	"mpbridge/pickle"
)

// This file shows objects of classes that are not known. Their repr is theirs alone to say; what is shown is what the
// reprs of most classes have in common, which is that of dataclasses, namedtuples, and subclasses of list, dict and the
// like: how the object is made and what its attributes are.

func (r *repr) unknown(g pickle.Global, o *pickle.Object) error {
	args, _ := o.Args.(pickle.Tuple)
	if base, rebuilt := rebuiltFrom(o); rebuilt {
		args, _ = base.(pickle.Tuple)
	}
	if base, ok := baseValue(o); ok && (len(args) == 0 || o.Kind == pickle.NewObj) {
		return r.value(base)
	}
	attrs, fields, known := attributes(o)
	switch {
	case !known || o.Kwargs != nil || o.Setter != nil || len(o.Items)+len(o.Pairs) > 0:
	case o.Kind != pickle.Reduce && o.Kind != pickle.NewObj && o.Kind != pickle.OldInstance:
	case attrs.Len() > 0 && r.style.Python2:
	case attrs.Len() > 0:
		return r.called(g.Name, args, attrs, nil)
	case len(args) > 0 && (o.Kind != pickle.Reduce || isClass(g)): // what a function makes has not its name
		return r.called(lastName(g), args, nil, nil)
	case len(fields) > 0:
		return r.called(g.Name, fields, nil, nil)
	}
	return r.addressed(g, o)
}

// addressed is object.__repr__.
func (r *repr) addressed(g pickle.Global, o *pickle.Object) error {
	name := g.Module + "." + g.Name
	if g.Module == "builtins" {
		name = g.Name
	}
	kind := " object at "
	if r.style.Python2 && o.Kind == pickle.OldInstance {
		kind = " instance at "
	}
	return r.put("<", name, kind, address(o), ">")
}

// attributes returns the attributes of an object by name, in their order, or the values of the fields of a frozen
// dataclass with slots, which has no names in its pickle. It returns false for any other state.
func attributes(o *pickle.Object) (attrs *pickle.Dict, fields []any, ok bool) {
	state := o.State
	if pair, isTuple := state.(pickle.Tuple); isTuple && len(pair) == 2 {
		inst, isDict := pair[0].(*pickle.Dict)
		if pair[0] != nil && (!isDict || inst.Len() > 0) {
			return nil, nil, false // with __slots__ and without: which comes first nobody knows
		}
		state = pair[1]
	}
	switch s := state.(type) {
	case nil:
		return nil, nil, true
	case *pickle.List:
		return nil, s.Items, o.Kind == pickle.NewObj
	case *pickle.Dict:
		for k := range s.All() {
			if name, isText := pickle.Text(k); !isText || !isIdentifier(name) {
				return nil, nil, false
			}
		}
		return s, nil, true
	}
	return nil, nil, false
}

// isIdentifier tells whether a text may be the name of an attribute, as far as its ASCII goes.
func isIdentifier(name string) bool {
	for i := range len(name) {
		c := name[i]
		letter := c == '_' || c >= 0x80 || c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// baseValue returns what an instance of a subclass of list, dict, int, str and the like, or of any that protocols 0 and
// 1 name, looks like where the subclass has no repr of its own: the value that it is. A namedtuple of one field is taken
// for one of those.
func baseValue(o *pickle.Object) (any, bool) {
	if base, ok := rebuiltFrom(o); ok && base != nil {
		return base, true
	}
	args, _ := o.Args.(pickle.Tuple)
	if o.Kind == pickle.NewObj && len(args) == 1 && len(o.Items)+len(o.Pairs) == 0 && o.Kwargs == nil {
		switch args[0].(type) {
		case int64, *big.Int, float64, complex128, string, pickle.ByteString, []byte, pickle.Tuple:
			return args[0], true
		}
	}
	if len(args) > 0 || o.Kind != pickle.NewObj && o.Kind != pickle.Reduce {
		return nil, false
	}
	switch {
	case len(o.Items) > 0 && len(o.Pairs) == 0:
		return &pickle.List{Items: o.Items}, true
	case len(o.Pairs) > 0 && len(o.Items) == 0:
		d := new(pickle.Dict)
		for _, p := range o.Pairs {
			if d.Set(p.Key, p.Value) != nil {
				return nil, false
			}
		}
		return d, true
	}
	return nil, false
}

// rebuiltFrom returns the value of the base class that copyreg._reconstructor is given; nil for a subclass of object.
func rebuiltFrom(o *pickle.Object) (base any, ok bool) {
	args, _ := o.Args.(pickle.Tuple)
	if o.Class != any(pickle.Global{Module: "copyreg", Name: "_reconstructor"}) || len(args) != 3 {
		return nil, false
	}
	return args[2], true
}

// isMemberName tells whether a name looks like that of a member of an enum in its class, which is how Python 3.11
// pickles some: app.Color.RED.
func isMemberName(g pickle.Global) bool {
	class, name, ok := strings.Cut(g.Name, ".")
	return ok && len(name) > 1 && name == strings.ToUpper(name) && name != strings.ToLower(name) &&
		isClass(pickle.Global{Module: g.Module, Name: class})
}
