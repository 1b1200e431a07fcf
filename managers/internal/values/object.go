package values

import (
	"bytes"
	"cmp"
	"strings"

	"mpbridge/pickle"
)

// This file compares objects: those of known classes as the methods of the class do, any other by
// its content.

// mapping is a dict or an instance of one of its subclasses.
type mapping = pickle.Mapping

func mappingOf(w *Budget, v any) (m mapping, ok bool) {
	switch v := v.(type) {
	case *pickle.Dict:
		return mapping{Kind: "dict", Dict: v}, true
	case *pickle.Object:
		return mappingObject(w, v)
	}
	return m, false
}

func mappingObject(w *Budget, o *pickle.Object) (mapping, bool) {
	if w == nil {
		return pickle.MappingOf(o, nil)
	}
	mark := w.Mark()
	defer w.Free(mark)
	return pickle.MappingOf(o, failing{w})
}

// SetOf returns the elements of an instance of a subclass of set or frozenset: see pickle.SetOf.
func (w *Budget) SetOf(o *pickle.Object) (*pickle.FrozenSet, bool) {
	if w == nil {
		return pickle.SetOf(o, nil)
	}
	mark := w.Mark()
	defer w.Free(mark)
	return pickle.SetOf(o, failing{w})
}

// failing ends all spending of a Budget that does not reach: nothing else can be done within it either.
type failing struct{ budget *Budget }

// Spend is the Budget's Spend.
func (f failing) Spend(values, bytes int) error {
	err := f.budget.Spend(values, bytes)
	if err != nil {
		f.budget.fail(err)
	}
	return err
}

// setItem sets one item; it returns false where the key is none, or the Budget does not reach.
func (w *Budget) setItem(d *pickle.Dict, k, v any) bool {
	if w == nil {
		return d.Set(k, v) == nil
	}
	mark := w.Mark()
	defer w.Free(mark)
	return d.SetWithin(failing{w}, k, v) == nil
}

// keysOf returns the keys of a dict in order.
func keysOf(d *pickle.Dict) []any {
	keys := make([]any, 0, d.Len())
	for k := range d.All() {
		keys = append(keys, k)
	}
	return keys
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
type sequence = pickle.Sequence

func sequenceOf(o *pickle.Object) (sequence, bool) { return pickle.SequenceOf(o) }

// sliceOf reads a slice whose parts pickle.Slice does not take.
func sliceOf(o *pickle.Object) (s pickle.Slice, ok bool) {
	g, args, ok := classOf(o)
	if !ok || g != (pickle.Global{Module: "builtins", Name: "slice"}) || len(args) != 3 {
		return s, false
	}
	return pickle.Slice{Start: args[0], Stop: args[1], Step: args[2]}, true
}

// opened is the slice or the set that an object is, or the list or dict that a UserList or UserDict holds, else v.
func (w *Budget) opened(v any) any {
	o, ok := v.(*pickle.Object)
	if !ok {
		return v
	}
	if s, ok := sliceOf(o); ok {
		return s
	}
	if s, ok := w.SetOf(o); ok {
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
		if !ok || s.Class != t.Class {
			return false, nil
		}
		return c.items(s.Items, t.Items)
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
	if p, ok := pickle.PathOf(x); ok {
		q, ok := pickle.PathOf(y)
		return ok && p.Windows == q.Windows && p.Text == q.Text, nil
	}
	if id, ok := pickle.UUIDOf(x); ok {
		other, ok := pickle.UUIDOf(y)
		return ok && id == other, nil
	}
	return c.opaque(x, y)
}

func (c *comparer) mappings(m, n mapping, both bool) (bool, error) {
	if !both {
		return false, nil
	}
	switch {
	case m.Kind == "OrderedDict" && n.Kind == "OrderedDict":
		return c.ordered(m.Dict, n.Dict)
	case m.Kind == "Counter" && n.Kind == "Counter":
		return c.dicts(withoutZeros(m.Dict), withoutZeros(n.Dict))
	}
	return c.dicts(m.Dict, n.Dict)
}

// ordered compares dicts whose order matters.
func (c *comparer) ordered(a, b *pickle.Dict) (bool, error) {
	same, err := c.dicts(a, b)
	if err != nil || !same {
		return false, err
	}
	return c.items(keysOf(a), keysOf(b))
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

// parts are what an object is made of, whatever the protocol.
func parts(o *pickle.Object) []any {
	kind, class, args := o.Made()
	out := []any{int64(kind), class, args, o.State, o.Setter}
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
		if t, ok := sequenceOf(b); ok && s.Class == t.Class {
			return c.sequences(op, s.Items, t.Items)
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
	if id, ok := pickle.UUIDOf(a); ok {
		if other, ok := pickle.UUIDOf(b); ok {
			return op.holds(bytes.Compare(id[:], other[:])), nil
		}
	}
	if p, ok := pickle.PathOf(a); ok {
		if q, ok := pickle.PathOf(b); ok && p.Windows == q.Windows {
			return op.holds(cmp.Compare(pathOrder(p), pathOrder(q))), nil
		}
	}
	if m, ok := mappingObject(c.budget, a); ok && m.Kind == "Counter" {
		if n, ok := mappingObject(c.budget, b); ok && n.Kind == "Counter" {
			return c.counters(op, m.Dict, n.Dict)
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
func pathOrder(p pickle.Path) string {
	if p.Windows {
		return strings.ReplaceAll(p.Text, `\`, "\x00")
	}
	return strings.ReplaceAll(p.Text, "/", "\x00")
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
		return m.Dict.Len() > 0, nil
	}
	if s, ok := sequenceOf(o); ok {
		return len(s.Items) > 0, nil
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

// field returns what stands under a name in the attributes of an object.
func field(o *pickle.Object, name string) (any, bool) {
	attrs := o.Attrs()
	if attrs == nil {
		return nil, false
	}
	if v, ok := attrs.Get(name); ok {
		return v, true
	}
	return attrs.Get(pickle.ByteString(name))
}

// numpyTruth is bool() of an array or a scalar of numpy. numpy 2 has an empty array raise, too; to older ones it is
// false.
func numpyTruth(f pickle.NumpyFacts) (bool, error) {
	switch {
	case f.Count > 1:
		return false, ambiguous("an array with more than one element is ambiguous. Use a.any() or a.all()")
	case f.Count == 0 && f.Numpy2:
		return false, ambiguous("an empty array is ambiguous. Use `array.size > 0` to check that an array is not empty.")
	case f.Count == 0:
		return false, nil
	case f.Only == nil:
		return f.Kind != 'O' && !f.Zero, nil
	}
	if _, nested := f.Only.(*pickle.Object); nested {
		return true, nil // it may hold itself
	}
	return truth(f.Only), nil
}
