package values

import (
	"bytes"
	"cmp"
	"errors"
	"strings"

	"mpbridge/pickle"
)

// This file compares objects: those of known classes as the methods of the class do, any other by
// its content.

// mapping is a subclass of dict from the module collections, or a dict itself.
type mapping struct {
	kind    string // "dict", "OrderedDict", "defaultdict", "Counter"
	factory any    // of a defaultdict
	dict    *pickle.Dict
}

func mappingOf(w *Budget, v any) (m mapping, ok bool) {
	switch v := v.(type) {
	case *pickle.Dict:
		return mapping{kind: "dict", dict: v}, true
	case *pickle.Object:
		return mappingObject(w, v)
	}
	return m, false
}

func mappingObject(w *Budget, o *pickle.Object) (m mapping, ok bool) {
	g, args, ok := classOf(o)
	if !ok || g.Module != "collections" || o.HasState && o.State != nil {
		return m, false
	}
	m = mapping{kind: g.Name, dict: new(pickle.Dict)}
	var first any
	if len(args) > 0 {
		first = args[0]
	}
	switch g.Name {
	case "OrderedDict", "Counter":
		ok = m.fill(w, first)
	case "defaultdict":
		m.factory = first
	default:
		return m, false
	}
	for _, p := range o.Pairs {
		ok = ok && m.set(w, p.Key, p.Value)
	}
	return m, ok
}

// keys are the keys in order.
func (m mapping) keys() []any {
	keys := make([]any, 0, m.dict.Len())
	for k := range m.dict.All() {
		keys = append(keys, k)
	}
	return keys
}

// set sets one item. What comparing its key takes is counted: the key may be far longer, written out, than
// in the pickle. Where the budget does not reach, nothing else can be done within it either.
func (m *mapping) set(w *Budget, k, v any) bool {
	switch k.(type) {
	case pickle.Tuple, *pickle.FrozenSet, *pickle.Object:
		mark := w.Mark()
		_, err := w.KeyFor(k, Hash)
		w.Free(mark)
		if plain := (*Error)(nil); errors.As(err, &plain) {
			return false
		} else if err != nil {
			w.fail(err)
			return false
		}
	}
	return m.dict.Set(k, v) == nil
}

// fill adds the entries of a dict, or of a list of pairs.
func (m *mapping) fill(w *Budget, from any) bool {
	switch from := from.(type) {
	case nil:
		return true
	case *pickle.Dict:
		for k, v := range from.All() {
			if !m.set(w, k, v) {
				return false
			}
		}
		return true
	}
	items, ok := itemsOf(from)
	for _, it := range items {
		pair, isPair := itemsOf(it)
		if !isPair || len(pair) != 2 || !m.set(w, pair[0], pair[1]) {
			return false
		}
	}
	return ok
}

func itemsOf(v any) ([]any, bool) {
	switch v := v.(type) {
	case pickle.Tuple:
		return v, true
	case *pickle.List:
		return v.Items, true
	}
	return nil, false
}

// sequence is a deque or an array.
type sequence struct {
	class    string // as TypeName has it
	items    []any
	maxlen   any    // of a deque
	typecode string // of an array
}

func sequenceOf(o *pickle.Object) (s sequence, ok bool) {
	g, args, ok := classOf(o)
	if !ok || o.HasState && o.State != nil {
		return s, false
	}
	s.class = g.Module + "." + g.Name
	switch s.class {
	case "collections.deque":
		if len(args) > 0 {
			s.items, ok = itemsOf(args[0])
		}
		if len(args) > 1 {
			s.maxlen = args[1]
		}
		s.items = append(s.items[:len(s.items):len(s.items)], o.Items...)
		return s, ok
	case "array.array":
		s.typecode, s.items, ok = arrayOf(o.Class, args)
		return s, ok
	}
	return s, false
}

// sliceOf reads a slice whose parts pickle.Slice does not take.
func sliceOf(o *pickle.Object) (s pickle.Slice, ok bool) {
	g, args, ok := classOf(o)
	if !ok || g != (pickle.Global{Module: "builtins", Name: "slice"}) || len(args) != 3 {
		return s, false
	}
	return pickle.Slice{Start: args[0], Stop: args[1], Step: args[2]}, true
}

// opened is the slice that an object is, or the list or dict that a UserList or UserDict holds, else v.
func opened(v any) any {
	o, ok := v.(*pickle.Object)
	if !ok {
		return v
	}
	if s, ok := sliceOf(o); ok {
		return s
	}
	user := o.IsA("collections", "UserList") || o.IsA("collections", "UserDict")
	if !user || o.Attrs() == nil {
		return v
	}
	data, ok := o.Attrs().Get("data")
	if !ok {
		data, _ = o.Attrs().Get(pickle.ByteString("data"))
	}
	switch data.(type) {
	case *pickle.List, *pickle.Dict:
		return data
	}
	return v
}

// objects compares where the first is an object or a dict.
func (c *comparer) objects(a, b any) (bool, error) {
	m, ok1 := mappingOf(c.budget, a)
	n, ok2 := mappingOf(c.budget, b)
	if ok1 || ok2 {
		return c.mappings(m, n, ok1 && ok2)
	}
	x, ok1 := a.(*pickle.Object)
	y, ok2 := b.(*pickle.Object)
	if !ok1 || !ok2 {
		return false, nil
	}
	if s, ok := sequenceOf(x); ok {
		t, ok := sequenceOf(y)
		if !ok || s.class != t.class {
			return false, nil
		}
		return c.items(s.items, t.items)
	}
	if d, ok := pickle.InstantOf(x); ok {
		e, ok := pickle.InstantOf(y)
		if !ok {
			return false, nil
		}
		k, equal := d.Key()
		l, _ := e.Key()
		return equal && k == l, nil
	}
	if f, p, ok := comparedPath(x); ok {
		g, q, ok := comparedPath(y)
		return ok && f == g && p == q, nil
	}
	if id, ok := uuidOf(x); ok {
		other, ok := uuidOf(y)
		return ok && id == other, nil
	}
	return c.opaque(x, y)
}

func (c *comparer) mappings(m, n mapping, both bool) (bool, error) {
	if !both {
		return false, nil
	}
	switch {
	case m.kind == "OrderedDict" && n.kind == "OrderedDict":
		return c.ordered(m.dict, n.dict)
	case m.kind == "Counter" && n.kind == "Counter":
		return c.dicts(withoutZeros(m.dict), withoutZeros(n.dict))
	}
	return c.dicts(m.dict, n.dict)
}

// ordered compares dicts whose order matters.
func (c *comparer) ordered(a, b *pickle.Dict) (bool, error) {
	same, err := c.dicts(a, b)
	if err != nil || !same {
		return false, err
	}
	return c.items(mapping{dict: a}.keys(), mapping{dict: b}.keys())
}

// withoutZeros is what Counters compare by since Python 3.10.
func withoutZeros(d *pickle.Dict) *pickle.Dict {
	kept := new(pickle.Dict)
	for k, v := range d.All() {
		if n, ok := number(v); ok && equalNumbers(n, int64(0)) {
			continue
		}
		_ = kept.Set(k, v) // the key was in a dict already
	}
	return kept
}

// opaque compares by content. Objects in their own content are taken for equal while it is
// compared.
func (c *comparer) opaque(a, b *pickle.Object) (bool, error) {
	x, _ := identOf(a)
	y, _ := identOf(b)
	pair := [2]ident{x, y}
	if c.begun[pair] {
		return true, nil
	}
	if c.begun == nil {
		c.begun = make(map[[2]ident]bool)
	}
	c.begun[pair] = true
	defer delete(c.begun, pair)
	if a.HasState != b.HasState || len(a.Pairs) != len(b.Pairs) ||
		(a.Kwargs == nil) != (b.Kwargs == nil) {
		return false, nil
	}
	return c.items(parts(a), parts(b))
}

// parts are what an object is made of. The way in which it is made differs between protocols.
func parts(o *pickle.Object) []any {
	out := []any{o.Class, o.Args}
	if class, args, ok := classOf(o); ok {
		out = []any{class, args}
	}
	out = append(out, o.State, o.Setter)
	if o.Kwargs != nil {
		out = append(out, o.Kwargs)
	}
	for _, p := range o.Pairs {
		out = append(out, p.Key, p.Value)
	}
	return append(out, o.Items...)
}

// orderObjects compares objects of classes that have an order.
func (c *comparer) orderObjects(op Op, a, b *pickle.Object) (bool, error) {
	if s, ok := sequenceOf(a); ok {
		if t, ok := sequenceOf(b); ok && s.class == t.class {
			return c.sequences(op, s.items, t.items)
		}
		return false, unordered(op, a, b)
	}
	if d, ok := pickle.InstantOf(a); ok {
		if e, ok := pickle.InstantOf(b); ok && d.Kind == e.Kind && d.Kind != "timezone" {
			if d.Aware != e.Aware {
				return false, typeError("can't compare offset-naive and offset-aware %ss", d.Kind)
			}
			return d.Kind != "NaT" && op.holds(d.Compare(e)), nil
		}
		return false, unordered(op, a, b)
	}
	if id, ok := uuidOf(a); ok {
		if other, ok := uuidOf(b); ok {
			return op.holds(bytes.Compare(id[:], other[:])), nil
		}
	}
	if f, p, ok := comparedPath(a); ok {
		if g, q, ok := comparedPath(b); ok && f == g {
			return op.holds(cmp.Compare(pathOrder(f, p), pathOrder(g, q))), nil
		}
	}
	if m, ok := mappingObject(c.budget, a); ok && m.kind == "Counter" {
		if n, ok := mappingObject(c.budget, b); ok && n.kind == "Counter" {
			return c.counters(op, m.dict, n.dict)
		}
	}
	return c.orderFields(op, a, b)
}

// counters orders by inclusion: Counter.__le__ and its like.
func (c *comparer) counters(op Op, a, b *pickle.Dict) (bool, error) {
	each := op
	switch op {
	case LT:
		each = LE
	case GT:
		each = GE
	}
	if yes, err := c.counted(each, a, &finder{budget: c.budget, dict: b}, false); err != nil || !yes {
		return false, err
	}
	if yes, err := c.counted(each, b, &finder{budget: c.budget, dict: a}, true); err != nil || !yes {
		return false, err
	}
	if each == op {
		return true, nil
	}
	same, err := c.dicts(withoutZeros(a), withoutZeros(b))
	return !same && err == nil, err
}

// counted compares the count of each key with that of others, where a missing key counts 0.
func (c *comparer) counted(op Op, d *pickle.Dict, others *finder, swapped bool) (bool, error) {
	for k, x := range d.All() {
		y, found, err := others.get(k)
		if err != nil {
			return false, err
		}
		if !found {
			y = int64(0)
		}
		if swapped {
			x, y = y, x
		}
		if yes, err := c.compare(op, x, y); err != nil || !yes {
			return false, err
		}
	}
	return true, nil
}

// pathOrder makes paths compare part by part.
func pathOrder(f flavour, text string) string {
	if f == windows {
		return strings.ReplaceAll(text, `\`, "\x00")
	}
	return strings.ReplaceAll(text, "/", "\x00")
}

// known spells out an object of a known class; done is false for any other.
func (w *keyWriter) known(o *pickle.Object) (done bool, err error) {
	if m, ok := mappingObject(w.budget, o); ok {
		if !w.inside {
			return true, w.unhashable(o)
		}
		return true, w.mutable(m.dict)
	}
	if s, ok := sequenceOf(o); ok {
		if !w.inside {
			return true, w.unhashable(o)
		}
		return true, w.sequence('q', s.items)
	}
	if s, ok := sliceOf(o); ok {
		return true, w.add(s)
	}
	if g, _, ok := classOf(o); ok && (isNamespace(g) || isUnhashable(o, g)) && !w.inside {
		return true, w.unhashable(o)
	}
	if i, ok := pickle.InstantOf(o); ok {
		_, equal := i.Key()
		w.never = w.never || !equal
		return true, w.sequence('t', i.Parts())
	}
	if f, text, ok := comparedPath(o); ok {
		return true, w.text(byte(f), text)
	}
	if id, ok := uuidOf(o); ok {
		return true, w.text('U', string(id[:]))
	}
	return false, nil
}

// truthOfObject returns bool(o), or the ValueError of what has no truth.
func truthOfObject(w *Budget, o *pickle.Object) (bool, error) {
	if f, ok := pickle.NumpyOf(o); ok {
		return numpyTruth(f)
	}
	if name, ok := pandasTable(o); ok {
		return false, ambiguous("a " + name + " is ambiguous. Use a.empty, a.bool(), a.item(), a.any() or a.all().")
	}
	if s := plain(o); s != any(o) {
		return truth(s), nil
	}
	if n, ok := numberObject(o); ok {
		return !equalNumbers(n, int64(0)), nil
	}
	if m, ok := mappingObject(w, o); ok {
		return m.dict.Len() > 0, nil
	}
	if s, ok := sequenceOf(o); ok {
		return len(s.items) > 0, nil
	}
	if m, ok := momentOf(o); ok && m.kind == "timedelta" {
		return m.micros.Sign() != 0, nil
	}
	if data, ok := userData(o); ok {
		return truth(data), nil
	}
	return true, nil
}

// userData is what a UserList, UserDict or UserString is around, if that is one of Python's own.
func userData(o *pickle.Object) (any, bool) {
	g, _, ok := classOf(o)
	if !ok || g.Module != "collections" || !strings.HasPrefix(g.Name, "User") {
		return nil, false
	}
	data, ok := field(o, "data")
	if _, isObject := data.(*pickle.Object); !ok || isObject { // which may go on and on
		return nil, false
	}
	return data, true
}
