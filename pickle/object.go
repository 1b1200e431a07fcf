package pickle

// ObjectKind says how a pickle makes an Object.
type ObjectKind uint8

// The ways in which a pickle makes an object, by opcode.
const (
	Reduce       ObjectKind = iota // REDUCE: Class called with Args
	NewObj                         // NEWOBJ: Class.__new__(Class, *Args)
	NewObjEx                       // NEWOBJ_EX: the same with Kwargs
	OldInstance                    // INST, OBJ: an instance of a Python 2 class without a base
	PersistentID                   // PERSID, BINPERSID: Args[0] means something to the reader alone
	Extension                      // EXT1, EXT2, EXT4: Args[0] is a code of copyreg's registry
)

var kindNames = [...]string{
	"Reduce", "NewObj", "NewObjEx", "OldInstance", "PersistentID", "Extension",
}

// String returns the constant's name.
func (k ObjectKind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "ObjectKind(?)"
}

// Object is a Python object that has no type of its own here. It is the record of how its pickle
// makes it, complete enough to write it back: nothing is ever called. It is held by pointer, so
// that an object which stands in two places, or in its own state, is one object.
type Object struct {
	Kind   ObjectKind
	Class  any   // what is called: a Global, or an *Object where the callable is made by a call
	Args   any   // a Tuple
	Kwargs *Dict // NewObjEx only
	// State is what BUILD gives to __setstate__ or puts into __dict__.
	State    any
	HasState bool
	// Setter, where not nil, is called with the object and State instead of BUILD: the sixth
	// element of what __reduce__ returned.
	Setter any
	Items  []any  // appended to the object
	Pairs  []Pair // set as items of the object
}

// args returns Args as a Tuple.
func (o *Object) args() Tuple {
	t, _ := o.Args.(Tuple)
	return t
}

// class returns the class that the object will have and the arguments that its constructor gets. It
// looks through the function by which protocols 0 and 1 make instances.
func (o *Object) class() (Global, Tuple, bool) {
	g, ok := o.Class.(Global)
	args := o.args()
	if o.Kind == Reduce && g == (Global{"copyreg", "_reconstructor"}) && len(args) > 0 {
		if inner, isGlobal := args[0].(Global); isGlobal {
			return inner, nil, true
		}
	}
	return g, args, ok
}

// Made returns how the object is made, whatever the protocol: what protocols 0 and 1 make by copyreg._reconstructor is
// as protocol 2 makes it.
func (o *Object) Made() (kind ObjectKind, class, args any) {
	g, a, ok := o.class()
	if !ok {
		return o.Kind, o.Class, o.Args
	}
	if o.Kind == Reduce && o.Class != any(g) {
		return NewObj, g, a
	}
	return o.Kind, g, a
}

// IsA tells whether the object is an instance of the named class itself, or the result of the named
// function. Names are those of Python 3. Base classes are not known.
func (o *Object) IsA(module, name string) bool {
	if o == nil {
		return false
	}
	g, _, ok := o.class()
	return ok && g.Module == module && g.Name == name
}

// Attrs returns the object's attributes as far as its state is a dict of them, as that of a plain
// instance is; else nil. The values of __slots__ are not among them.
func (o *Object) Attrs() *Dict {
	d, _ := o.attrs()
	return d
}

// attrs returns the instance dict and the dict of slots.
func (o *Object) attrs() (inst, slots *Dict) {
	switch s := o.State.(type) {
	case *Dict:
		return s, nil
	case Tuple:
		// copyreg: the state of a class with __slots__ is (__dict__ or None, slots).
		if len(s) == 2 {
			inst, _ = s[0].(*Dict)
			slots, _ = s[1].(*Dict)
		}
	}
	return inst, slots
}

// attr returns an attribute of an object.
func attr(o *Object, name string) any {
	d := o.Attrs()
	if d == nil {
		return nil
	}
	v, _ := d.t.named(name)
	return v
}
