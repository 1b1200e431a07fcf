package pickle

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// This file fills slices, arrays, maps and structs.

func (a *assigner) sequence(dst reflect.Value, v any) error {
	if dst.Type().Elem().Kind() == reflect.Uint8 {
		if done, err := assignBytes(dst, v); done {
			return err
		}
	}
	items, ok := itemsOf(v)
	if !ok {
		return mismatch(dst, v)
	}
	if dst.Kind() == reflect.Array {
		if len(items) != dst.Len() {
			return because(dst, v, ErrRange)
		}
		return a.fillItems(dst, items)
	}
	if dst.Type() == reflect.TypeFor[[]any]() {
		if err := a.made(len(items), 0); err != nil {
			return err
		}
		dst.Set(reflect.ValueOf(slices.Clone(items)))
		return nil
	}
	// The elements are there, but one of them may take more room in Go than it took in the pickle:
	// grow with them, so that a type error early on costs nothing.
	made := reflect.MakeSlice(dst.Type(), 0, min(len(items), 1024))
	for i, item := range items {
		made = growByOne(made)
		if err := a.assign(made.Index(i), item); err != nil {
			return a.at(pathStep{index: i}, err)
		}
	}
	dst.Set(made)
	return nil
}

func growByOne(s reflect.Value) reflect.Value {
	if s.Len() == s.Cap() {
		return reflect.Append(s, reflect.Zero(s.Type().Elem()))
	}
	return s.Slice(0, s.Len()+1)
}

func (a *assigner) fillItems(dst reflect.Value, items []any) error {
	for i, item := range items {
		if err := a.assign(dst.Index(i), item); err != nil {
			return a.at(pathStep{index: i}, err)
		}
	}
	return nil
}

// itemsOf returns the elements of what can fill a slice.
func itemsOf(v any) ([]any, bool) {
	switch v := v.(type) {
	case Tuple:
		return v, true
	case *List:
		return v.Items, true
	case *Set:
		return slices.Collect(v.All()), true
	case *FrozenSet:
		return slices.Collect(v.All()), true
	case *Object:
		if v.IsA("collections", "deque") {
			return dequeItems(v), true
		}
		if items, ok := tupleOf(v); ok {
			return items, true
		}
		if v.Kind == Reduce && len(v.Items) > 0 && len(v.args()) == 0 {
			return v.Items, true // a subclass of list
		}
	}
	return nil, false
}

// tupleOf returns the elements of a namedtuple, or of another subclass of tuple, which protocols 0 and 1 make
// by copyreg._reconstructor; of what the modules time and os return, with further attributes in a dict; or
// the fields of a frozen dataclass with slots.
//
// Sources: collections.namedtuple's __getnewargs__, Objects/structseq.c, Lib/dataclasses.py.
func tupleOf(o *Object) (Tuple, bool) {
	if len(o.Items) > 0 || len(o.Pairs) > 0 || o.Setter != nil {
		return nil, false
	}
	args := o.args()
	if o.Kind == NewObj {
		if fields, ok := o.State.(*List); ok && len(args) == 0 {
			return fields.Items, true
		}
		return args, !o.HasState
	}
	g, ok := o.Class.(Global)
	if o.Kind != Reduce || !ok || o.HasState {
		return nil, false
	}
	var items Tuple
	switch {
	case g == Global{"copyreg", "_reconstructor"} && len(args) == 3 && args[1] == (Global{"builtins", "tuple"}):
		items, ok = args[2].(Tuple)
		return items, ok
	case len(args) == 2 && structSequences[g.Module]:
		_, extra := args[1].(*Dict)
		items, ok = args[0].(Tuple)
		return items, ok && extra
	}
	return nil, false
}

// dequeItems returns the elements of a deque: appended to it, or the list that it was called with.
func dequeItems(o *Object) []any {
	if args := o.args(); len(o.Items) == 0 && len(args) > 0 {
		if items, ok := sequence(args[0]); ok {
			return items
		}
	}
	return o.Items
}

// assignBytes fills byte slices and arrays from byte strings and UUIDs.
func assignBytes(dst reflect.Value, v any) (done bool, err error) {
	var b []byte
	switch v := v.(type) {
	case []byte:
		b = v
	case *ByteArray:
		b = v.Bytes
	case ByteString:
		b = []byte(v)
	case *Object:
		if !v.IsA("uuid", "UUID") {
			return false, nil
		}
		id, err := asUUID(v)
		if err != nil {
			return true, because(dst, v, err)
		}
		b = id[:]
	default:
		return false, nil
	}
	if dst.Kind() == reflect.Slice {
		dst.SetBytes(b)
		return true, nil
	}
	if len(b) != dst.Len() {
		return true, because(dst, v, ErrRange)
	}
	for i, c := range b {
		dst.Index(i).SetUint(uint64(c))
	}
	return true, nil
}

// pairsOf returns the items of what can fill a map.
func pairsOf(v any) ([]Pair, bool) {
	switch v := v.(type) {
	case *Dict:
		return v.t.live(), true
	case *Object:
		return mappingPairs(v)
	}
	return nil, false
}

// mappingPairs returns the items of a dict's subclass: OrderedDict, defaultdict, Counter and
// others.
func mappingPairs(o *Object) ([]Pair, bool) {
	if len(o.Pairs) > 0 {
		return o.Pairs, true
	}
	if !o.IsA("collections", "OrderedDict") && !o.IsA("collections", "defaultdict") &&
		!o.IsA("collections", "Counter") {
		return nil, false
	}
	args := o.args()
	if len(args) == 0 || !o.IsA("collections", "Counter") && !o.IsA("collections", "OrderedDict") {
		return nil, true
	}
	switch first := args[0].(type) {
	case *Dict: // Counter({...})
		return first.t.live(), true
	case *List: // OrderedDict([[k, v], ...]) of Python 2
		pairs := make([]Pair, 0, len(first.Items))
		for _, item := range first.Items {
			kv, ok := sequence(item)
			if !ok || len(kv) != 2 {
				return nil, false
			}
			pairs = append(pairs, Pair{kv[0], kv[1]})
		}
		return pairs, true
	}
	return nil, false
}

func (a *assigner) toMap(dst reflect.Value, v any) error {
	pairs, ok := pairsOf(v)
	if !ok {
		if o, isObject := v.(*Object); isObject && o.Attrs() != nil {
			pairs = o.Attrs().t.live()
		} else {
			return mismatch(dst, v)
		}
	}
	t := dst.Type()
	made := reflect.MakeMapWithSize(t, min(len(pairs), 1024))
	for _, p := range pairs {
		k := reflect.New(t.Key()).Elem()
		if err := a.assign(k, p.Key); err != nil {
			return a.at(pathStep{key: p.Key}, err)
		}
		if !k.Comparable() {
			return a.at(pathStep{key: p.Key}, mismatch(k, p.Key))
		}
		e := reflect.New(t.Elem()).Elem()
		if err := a.assign(e, p.Value); err != nil {
			return a.at(pathStep{key: p.Key}, err)
		}
		made.SetMapIndex(k, e)
	}
	dst.Set(made)
	return nil
}

// toStruct fills a struct from a dict, or from the attributes of an object, by names; from a tuple, or a
// subclass as namedtuple makes, by places: their pickles have no names.
func (a *assigner) toStruct(dst reflect.Value, v any) error {
	pairs, ok := pairsOf(v)
	if ok {
		return a.fields(dst, pairs, false)
	}
	if tuple, isTuple := v.(Tuple); isTuple {
		return a.places(dst, v, tuple)
	}
	o, isObject := v.(*Object)
	if !isObject {
		return mismatch(dst, v)
	}
	if items, isTuple := tupleOf(o); isTuple && (len(items) > 0 || len(fieldsOf(dst.Type()).list) == 0) {
		return a.places(dst, v, items)
	}
	inst, slots := o.attrs()
	if inst == nil && slots == nil {
		return mismatch(dst, v)
	}
	for _, d := range []*Dict{inst, slots} {
		if d == nil {
			continue
		}
		if err := a.fields(dst, d.t.live(), true); err != nil {
			return err
		}
	}
	return nil
}

// places fills the fields in their order, each from one element.
func (a *assigner) places(dst reflect.Value, v any, items Tuple) error {
	fields := fieldsOf(dst.Type()).list
	if len(items) != len(fields) {
		return because(dst, v, fmt.Errorf("%w: %d elements for %d fields", ErrRange, len(items), len(fields)))
	}
	for i, f := range fields {
		if err := a.assign(fieldFor(dst, f.index), items[i]); err != nil {
			return a.at(pathStep{index: i}, err)
		}
	}
	return nil
}

// fields fills the fields that the pairs name: by the exact name, else in any letter case.
func (a *assigner) fields(dst reflect.Value, pairs []Pair, attrs bool) error {
	known := fieldsOf(dst.Type())
	for _, p := range pairs {
		name, ok := asText(p.Key)
		if !ok {
			continue
		}
		f := known.find(name)
		if f == nil {
			continue
		}
		if err := a.assign(fieldFor(dst, f.index), p.Value); err != nil {
			if attrs {
				return a.at(pathStep{field: name}, err)
			}
			return a.at(pathStep{key: name}, err)
		}
	}
	return nil
}

func (s *structFields) find(name string) *field {
	if i, ok := s.byName[name]; ok {
		return &s.list[i]
	}
	for i := range s.list {
		if strings.EqualFold(s.list[i].name, name) {
			return &s.list[i]
		}
	}
	return nil
}
