package pickle

import (
	"cmp"
	"math/big"
	"reflect"
	"slices"
	"time"
)

// This file writes Go's own types: what encoding/json would take, and some more.

var (
	bigIntType    = reflect.TypeFor[big.Int]()
	bigRatType    = reflect.TypeFor[big.Rat]()
	bigFloatType  = reflect.TypeFor[big.Float]()
	timeType      = reflect.TypeFor[time.Time]()
	durationType  = reflect.TypeFor[time.Duration]()
	marshalerType = reflect.TypeFor[Marshaler]()
)

// own are this package's types as they are without a pointer: structs, but not to be taken apart.
var own = map[reflect.Type]bool{
	reflect.TypeFor[List]():      true,
	reflect.TypeFor[Dict]():      true,
	reflect.TypeFor[Set]():       true,
	reflect.TypeFor[FrozenSet](): true,
	reflect.TypeFor[ByteArray](): true,
	reflect.TypeFor[Object]():    true,
}

// values are this package's types that are used without a pointer.
var values = map[reflect.Type]bool{
	reflect.TypeFor[Global]():         true,
	reflect.TypeFor[Ellipsis]():       true,
	reflect.TypeFor[NotImplemented](): true,
	reflect.TypeFor[Slice]():          true,
	reflect.TypeFor[Range]():          true,
	reflect.TypeFor[Raw]():            true,
	reflect.TypeFor[Tuple]():          true,
	reflect.TypeFor[ByteString]():     true,
}

// special tells whether a struct type stands for one Python value of its own.
func special(t reflect.Type) bool {
	switch t {
	case timeType, bigIntType, bigRatType, bigFloatType:
		return true
	}
	return own[t] || values[t]
}

func (e *encoder) marshaler(m Marshaler) error {
	if rv := reflect.ValueOf(m); rv.Kind() == reflect.Pointer && rv.IsNil() {
		e.op(opNone)
		return nil
	}
	if err := e.enter(); err != nil {
		return err
	}
	v, err := m.MarshalPickle()
	if err == nil {
		err = e.value(v)
	}
	e.depth--
	return err
}

// goValue writes a value by its kind. Pointers of plain Go types have no identity in the pickle; a
// cycle of them ends at the limit of levels.
func (e *encoder) goValue(v reflect.Value) error {
	if err := e.enter(); err != nil {
		return err
	}
	err := e.goKind(v)
	e.depth--
	return err
}

func (e *encoder) goKind(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Bool:
		e.bool(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if v.Type() == durationType {
			return e.value(timedeltaObject(time.Duration(v.Int())))
		}
		e.int(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return e.value(unsigned(v.Uint()))
	case reflect.Float32, reflect.Float64:
		e.float(v.Float())
	case reflect.Complex64, reflect.Complex128:
		return e.other(v.Complex())
	case reflect.String:
		return e.text(v.String())
	case reflect.Slice, reflect.Array:
		return e.goSlice(v)
	case reflect.Map:
		return e.goMap(v)
	case reflect.Struct:
		return e.goStruct(v)
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			e.op(opNone)
			return nil
		}
		return e.goElem(v.Elem())
	default:
		return e.unsupported(v.Interface(), "no Python type")
	}
	return nil
}

// goElem writes what stands inside a Go value. Values of the lossless graph, and those that marshal
// themselves, must meet the encoder as what they are.
func (e *encoder) goElem(v reflect.Value) error {
	t := v.Type()
	kind := t.Kind()
	indirect := kind == reflect.Interface || kind == reflect.Pointer
	if v.CanAddr() && !indirect && (own[t] || reflect.PointerTo(t).Implements(marshalerType)) {
		return e.value(v.Addr().Interface())
	}
	if indirect || values[t] || t.Implements(marshalerType) {
		return e.value(v.Interface())
	}
	return e.goValue(v)
}

func (e *encoder) goSlice(v reflect.Value) error {
	if v.Kind() == reflect.Slice && v.IsNil() {
		e.op(opNone)
		return nil
	}
	elem := v.Type().Elem()
	if elem.Kind() == reflect.Uint8 && !elem.Implements(marshalerType) {
		if v.Kind() == reflect.Array && !v.CanAddr() {
			b := make([]byte, v.Len())
			reflect.Copy(reflect.ValueOf(b), v.Convert(reflect.ArrayOf(v.Len(), reflect.TypeFor[byte]())))
			return e.bytes(b)
		}
		return e.sharedBytes(v.Bytes())
	}
	e.emptyList()
	for i := 0; i < v.Len(); {
		n := e.openBatch(v.Len() - i)
		for range n {
			if err := e.goElem(v.Index(i)); err != nil {
				return err
			}
			i++
		}
		e.closeBatch(n, opAppend, opAppends)
	}
	return nil
}

func (e *encoder) goMap(v reflect.Value) error {
	if v.IsNil() {
		e.op(opNone)
		return nil
	}
	if !keyKind(v.Type().Key()) {
		return e.unsupported(v.Interface(), "keys are unhashable in Python")
	}
	keys := v.MapKeys()
	sortKeys(keys)
	e.emptyDict()
	for i := 0; i < len(keys); {
		n := e.openBatch(len(keys) - i)
		for range n {
			if err := e.goKey(keys[i]); err != nil {
				return err
			}
			if err := e.goElem(v.MapIndex(keys[i])); err != nil {
				return err
			}
			i++
		}
		e.closeBatch(n, opSetItem, opSetItems)
	}
	return nil
}

// keyKind tells whether values of a Go type can be keys in Python.
func keyKind(t reflect.Type) bool {
	if t.Implements(marshalerType) || special(t) && !own[t] {
		return true
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Chan:
		return false
	case reflect.Array:
		return t.Elem().Kind() == reflect.Uint8
	}
	return true
}

// goKey writes a key; where its type is an interface only the value tells whether it can be one.
func (e *encoder) goKey(k reflect.Value) error {
	if k.Kind() != reflect.Interface || k.IsNil() {
		return e.goElem(k)
	}
	inner := k.Elem()
	if inner.Kind() == reflect.Pointer && own[inner.Type().Elem()] {
		if err := hashable(inner.Interface()); err != nil {
			return err
		}
	} else if !keyKind(inner.Type()) {
		return e.unsupported(inner.Interface(), "unhashable in Python")
	}
	return e.goElem(inner)
}

// sortKeys makes the order of a map's keys, and so the pickle, the same each time.
func sortKeys(keys []reflect.Value) {
	if len(keys) == 0 {
		return
	}
	var less func(a, b reflect.Value) int
	switch keys[0].Kind() {
	case reflect.String:
		less = func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) }
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		less = func(a, b reflect.Value) int { return cmp.Compare(a.Int(), b.Int()) }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		less = func(a, b reflect.Value) int { return cmp.Compare(a.Uint(), b.Uint()) }
	case reflect.Float32, reflect.Float64:
		less = func(a, b reflect.Value) int { return cmp.Compare(a.Float(), b.Float()) }
	default:
		return
	}
	slices.SortFunc(keys, less)
}

func (e *encoder) goStruct(v reflect.Value) error {
	switch v.Type() {
	case timeType:
		return e.time(v.Interface().(time.Time))
	case bigIntType:
		b := v.Interface().(big.Int) //nolint:govet // a copy that is only read
		return e.bigInt(&b)
	case bigRatType:
		r := v.Interface().(big.Rat)
		return e.value(fractionObject(&r))
	}
	if own[v.Type()] {
		// Without its address there is no identity to keep.
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		return e.value(p.Interface())
	}
	fields := fieldsOf(v.Type()).list
	e.emptyDict()
	for _, f := range fields {
		fv, ok := readField(v, f.index)
		if !ok || f.omitEmpty && isEmpty(fv) {
			continue
		}
		if err := e.text(f.name); err != nil {
			return err
		}
		if err := e.goElem(fv); err != nil {
			return err
		}
		e.op(opSetItem)
	}
	return nil
}

// isEmpty is what encoding/json means by omitempty.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	}
	return v.Kind() != reflect.Struct && v.IsZero()
}

func (e *encoder) time(t time.Time) error {
	if y := t.Year(); y < 1 || y > 9999 {
		return e.unsupported(t, "datetime has years 1 to 9999")
	}
	if e.native {
		return e.unsupported(t, "Python 2 has no time zones: use NaiveDatetime")
	}
	return e.value(datetimeObject(t))
}
