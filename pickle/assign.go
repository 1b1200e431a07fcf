package pickle

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"time"
)

// Unmarshaler is implemented by types that fill themselves from a decoded value.
type Unmarshaler interface {
	UnmarshalPickle(v any) error
}

// Assign stores a decoded value in what dst points to, converting as Unmarshal does: numbers where
// they fit, str and a Python 2 str to string, bytes to []byte, sequences and sets to slices and
// arrays, dicts to maps and structs, the attributes of an object to a struct, None to what can be
// nil. A struct keeps fields that the dict does not name. The error is a *TypeError that says
// where, a *LimitError for what nests too deep, or what an Unmarshaler returned. After an error dst
// may be half filled.
func Assign(dst, v any) error { return assign(dst, v, defaultLimits, nil, nil) }

func assign(dst, v any, lim limits, naive *time.Location, meter Meter) error {
	if done, err := assignPlain(dst, v); done {
		return err
	}
	p := reflect.ValueOf(dst)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return &TypeError{GoType: reflect.TypeOf(dst), Python: typeName(v) + " (not a pointer)"}
	}
	a := assigner{lim: lim, naive: naive, tally: tally{meter: meter}}
	err := a.assign(p.Elem(), v)
	if err == nil {
		err = a.tally.tell()
	}
	var te *TypeError
	if errors.As(err, &te) && len(a.path) > 0 {
		te.Path = a.where() + te.Path
	}
	return err
}

// assignPlain takes the short way for what calls are full of.
func assignPlain(dst, v any) (done bool, err error) {
	switch p := dst.(type) {
	case *any:
		if p != nil {
			*p = v
			return true, nil
		}
	case *string:
		if s, ok := v.(string); ok && p != nil {
			*p = s
			return true, nil
		}
	case *int:
		if n, ok := v.(int64); ok && p != nil && int64(int(n)) == n {
			*p = int(n)
			return true, nil
		}
	case *bool:
		if b, ok := v.(bool); ok && p != nil {
			*p = b
			return true, nil
		}
	}
	return false, nil
}

// assigner walks over a value and a Go value side by side.
type assigner struct {
	lim   limits
	depth int
	count int // values assigned: a value that is shared is one for the pickle but many here
	tally tally
	path  []pathStep // keys and indexes, innermost first, gathered on the way back from an error

	naive  *time.Location   // of times without a zone; nil: they are refused
	arrays map[*Object]bool // numpy's, that were put into a Go value
}

// pathStep is one element of a path.
type pathStep struct {
	key   any
	index int
	field string
}

func (a *assigner) where() string {
	s := ""
	for i := len(a.path) - 1; i >= 0; i-- {
		switch p := a.path[i]; {
		case p.field != "":
			s += "." + p.field
		case p.key != nil:
			s += "[" + brief(p.key) + "]"
		default:
			s += "[" + strconv.Itoa(p.index) + "]"
		}
	}
	return s
}

// maxPath is how many levels of a path are told.
const maxPath = 32

func (a *assigner) at(p pathStep, err error) error {
	if len(a.path) < maxPath {
		a.path = append(a.path, p)
	}
	return err
}

func mismatch(dst reflect.Value, v any) error {
	return &TypeError{GoType: dst.Type(), Python: typeName(v)}
}

// because is a mismatch with a reason.
func because(dst reflect.Value, v any, err error) error {
	var limit *LimitError
	if errors.As(err, &limit) {
		return err
	}
	return &TypeError{GoType: dst.Type(), Python: fmt.Sprintf("%s (%v)", typeName(v), err), Err: err}
}

// assign stores v in dst, which can be set.
func (a *assigner) assign(dst reflect.Value, v any) error {
	if a.depth++; a.depth > a.lim.depth {
		return &LimitError{What: "levels", Limit: int64(a.lim.depth), Got: int64(a.depth)}
	}
	if err := a.made(1, int(dst.Type().Size())); err != nil {
		return err
	}
	err := a.convert(dst, v)
	a.depth--
	return err
}

// made counts n values that take so many bytes each in Go.
func (a *assigner) made(n, bytes int) error {
	if n > a.lim.items-a.count {
		return &LimitError{What: "values", Limit: int64(a.lim.items), Got: int64(a.count) + int64(n)}
	}
	a.count += n
	if bytes > 0 && n > math.MaxInt32/bytes {
		return &LimitError{What: "bytes of values", Limit: math.MaxInt32, Got: int64(n) * int64(bytes)}
	}
	return a.tally.add(n, n*bytes)
}

func (a *assigner) convert(dst reflect.Value, v any) error {
	if dst.Kind() == reflect.Pointer {
		return a.pointer(dst, v)
	}
	if dst.CanAddr() && dst.Type().Name() != "" {
		if u, ok := dst.Addr().Interface().(Unmarshaler); ok {
			return u.UnmarshalPickle(v)
		}
	}
	if dst.Kind() == reflect.Interface {
		return a.iface(dst, v)
	}
	v, done, err := a.meant(dst, v)
	if done || err != nil {
		return err
	}
	if done, err := a.known(dst, v); done {
		return err
	}
	if v == nil {
		switch dst.Kind() {
		case reflect.Slice, reflect.Map:
			dst.SetZero()
			return nil
		}
		return mismatch(dst, v)
	}
	return a.kind(dst, v)
}

func (a *assigner) pointer(dst reflect.Value, v any) error {
	if v == nil {
		dst.SetZero()
		return nil
	}
	if rv := reflect.ValueOf(v); rv.Type() == dst.Type() {
		dst.Set(rv) // *List, *Dict, *Object, *big.Int: the value itself, with its identity
		return nil
	}
	if own[dst.Type().Elem()] {
		return mismatch(dst, v)
	}
	if !dst.IsNil() {
		return a.assign(dst.Elem(), v)
	}
	p := reflect.New(dst.Type().Elem())
	if err := a.assign(p.Elem(), v); err != nil {
		return err
	}
	dst.Set(p)
	return nil
}

func (a *assigner) iface(dst reflect.Value, v any) error {
	if v == nil {
		dst.SetZero()
		return nil
	}
	rv := reflect.ValueOf(v)
	if !rv.Type().AssignableTo(dst.Type()) {
		return mismatch(dst, v)
	}
	dst.Set(rv)
	return nil
}

// known fills types that stand for one Python type. done is false for all others.
func (a *assigner) known(dst reflect.Value, v any) (done bool, err error) {
	t := dst.Type()
	if rv := reflect.ValueOf(v); v != nil && rv.Type() == t && t.Kind() != reflect.Slice {
		dst.Set(rv)
		return true, nil
	}
	switch t {
	case rawType:
		r, err := a.raw(v)
		if err == nil {
			dst.Set(reflect.ValueOf(r))
		}
		return true, err
	case tupleType:
		if tuple, ok := v.(Tuple); ok {
			dst.Set(reflect.ValueOf(tuple))
			return true, nil
		}
		return true, mismatch(dst, v)
	case timeType:
		return true, store(dst, v, a.time)
	case durationType:
		return true, store(dst, v, asDuration)
	case bigFloatType:
		return true, a.bigFloat(dst, v)
	case bigRatType:
		r, err := asRat(v, a.lim.digits)
		if err != nil {
			return true, because(dst, v, err)
		}
		dst.Addr().Interface().(*big.Rat).Set(r)
		return true, nil
	case bigIntType:
		return true, assignBig(dst, v)
	}
	if own[t] || values[t] && t.Kind() == reflect.Struct {
		return true, a.ownStruct(dst, v)
	}
	return false, nil
}

var (
	rawType   = reflect.TypeFor[Raw]()
	tupleType = reflect.TypeFor[Tuple]()
)

// raw pickles a decoded value again.
func (a *assigner) raw(v any) (Raw, error) {
	return NewRaw(v, &EncodeOptions{Protocol: HighestProtocol, Meter: a.tally.meter})
}

func store[T any](dst reflect.Value, v any, read func(any) (T, error)) error {
	x, err := read(v)
	if err != nil {
		return because(dst, v, err)
	}
	dst.Set(reflect.ValueOf(x))
	return nil
}

// ownStruct fills one of this package's types that is held without a pointer: it becomes a copy.
func (a *assigner) ownStruct(dst reflect.Value, v any) error {
	rv := reflect.ValueOf(v)
	if v == nil || rv.Kind() != reflect.Pointer || rv.Type().Elem() != dst.Type() {
		return mismatch(dst, v)
	}
	dst.Set(rv.Elem())
	return nil
}

func assignBig(dst reflect.Value, v any) error {
	to := dst.Addr().Interface().(*big.Int)
	switch n := v.(type) {
	case int64:
		to.SetInt64(n)
	case *big.Int:
		to.Set(n)
	case bool:
		to.SetInt64(0)
		if n {
			to.SetInt64(1)
		}
	default:
		return mismatch(dst, v)
	}
	return nil
}

// kind fills plain Go types.
func (a *assigner) kind(dst reflect.Value, v any) error {
	switch dst.Kind() {
	case reflect.Bool:
		b, ok := v.(bool) // an int is none, though a bool is an int
		if !ok {
			return mismatch(dst, v)
		}
		dst.SetBool(b)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return assignInt(dst, v)
	case reflect.Float32, reflect.Float64:
		return assignFloat(dst, v)
	case reflect.Complex64, reflect.Complex128:
		return assignComplex(dst, v)
	case reflect.String:
		return assignString(dst, v)
	case reflect.Slice, reflect.Array:
		return a.sequence(dst, v)
	case reflect.Map:
		return a.toMap(dst, v)
	case reflect.Struct:
		return a.toStruct(dst, v)
	default:
		return mismatch(dst, v)
	}
	return nil
}

func assignInt(dst reflect.Value, v any) error {
	switch n := v.(type) {
	case bool:
		if n {
			return assignInt(dst, int64(1))
		}
		return assignInt(dst, int64(0))
	case int64:
		if dst.CanInt() && !dst.OverflowInt(n) {
			dst.SetInt(n)
			return nil
		}
		if dst.CanUint() && n >= 0 && !dst.OverflowUint(uint64(n)) {
			dst.SetUint(uint64(n))
			return nil
		}
		return because(dst, v, ErrRange)
	case *big.Int:
		if dst.CanUint() && n.IsUint64() && !dst.OverflowUint(n.Uint64()) {
			dst.SetUint(n.Uint64())
			return nil
		}
		return because(dst, v, ErrRange)
	}
	return mismatch(dst, v)
}

func assignFloat(dst reflect.Value, v any) error {
	f, ok := v.(float64)
	if !ok {
		n, err := exactFloat(v)
		switch {
		case err == errNoNumber:
			return mismatch(dst, v)
		case err != nil:
			return because(dst, v, err)
		case dst.Kind() == reflect.Float32 && float64(float32(n)) != n && !dst.OverflowFloat(n):
			return because(dst, v, ErrInexact)
		}
		f = n
	}
	if !math.IsInf(f, 0) && dst.OverflowFloat(f) {
		return because(dst, v, ErrRange)
	}
	dst.SetFloat(f)
	return nil
}

// exactFloat returns an integer as a float that is the same number.
func exactFloat(v any) (float64, error) {
	var f float64
	var acc big.Accuracy
	switch n := v.(type) {
	case int64:
		f = float64(n)
		if n > -1<<53 && n < 1<<53 {
			return f, nil
		}
		f, acc = new(big.Float).SetInt64(n).Float64()
	case *big.Int:
		f, acc = new(big.Float).SetInt(n).Float64()
	default:
		return 0, errNoNumber
	}
	switch {
	case math.IsInf(f, 0):
		return 0, ErrRange
	case acc != big.Exact:
		return 0, ErrInexact
	}
	return f, nil
}

func assignComplex(dst reflect.Value, v any) error {
	switch c := v.(type) {
	case complex128:
		if dst.OverflowComplex(c) {
			return because(dst, v, ErrRange)
		}
		dst.SetComplex(c)
	case float64:
		if dst.OverflowComplex(complex(c, 0)) && !math.IsInf(c, 0) {
			return because(dst, v, ErrRange)
		}
		dst.SetComplex(complex(c, 0))
	default:
		f, err := exactFloat(v)
		if err == errNoNumber {
			return mismatch(dst, v)
		}
		if err != nil {
			return because(dst, v, err)
		}
		dst.SetComplex(complex(f, 0))
	}
	return nil
}

func assignString(dst reflect.Value, v any) error {
	switch s := v.(type) {
	case string:
		dst.SetString(s)
	case ByteString:
		dst.SetString(string(s))
	default:
		return mismatch(dst, v)
	}
	return nil
}
