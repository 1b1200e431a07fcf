package pickle

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"unsafe"
)

// This file puts numpy's arrays and scalars into Go values.

// array fills dst from an array that has dimensions.
func (a *assigner) array(dst reflect.Value, o *Object, arr *ndarray) error {
	if err := a.again(o, arr); err != nil {
		return err
	}
	if dst.Kind() != reflect.Slice && dst.Kind() != reflect.Array {
		return because(dst, o, fmt.Errorf("an array of %v, shape %v", arr.dtype, arr.shape))
	}
	return a.dimension(dst, o, arr, 0, 0)
}

// again counts the elements of an array that was put into a Go value before: a pickle holds it once, and
// may refer to it as often as it likes.
func (a *assigner) again(o *Object, arr *ndarray) error {
	if !a.arrays[o] {
		if a.arrays == nil {
			a.arrays = make(map[*Object]bool)
		}
		a.arrays[o] = true
		return nil
	}
	n := 1
	for _, dim := range arr.shape {
		n *= max(dim, 1)
	}
	if n > a.lim.items-a.count {
		return &LimitError{What: "values", Limit: int64(a.lim.items), Got: int64(a.count) + int64(n)}
	}
	a.count += n
	return nil
}

// dimension fills a slice or an array from the dimension dim, beginning at an element.
func (a *assigner) dimension(dst reflect.Value, o *Object, arr *ndarray, dim, at int) error {
	n := arr.shape[dim]
	switch dst.Kind() {
	case reflect.Slice:
		made, err := a.rows(dst.Type(), n)
		if err != nil {
			return err
		}
		if err := a.fill(made, o, arr, dim, at); err != nil {
			return err
		}
		dst.Set(made)
		return nil
	case reflect.Array:
		if dst.Len() != n {
			return because(dst, o, fmt.Errorf("%w: %d elements", ErrRange, n))
		}
		return a.fill(dst, o, arr, dim, at)
	case reflect.Interface:
		if dst.NumMethod() == 0 {
			list := reflect.New(reflect.TypeFor[[]any]()).Elem()
			if err := a.dimension(list, o, arr, dim, at); err != nil {
				return err
			}
			dst.Set(reflect.ValueOf(&List{Items: list.Interface().([]any)}))
			return nil
		}
	}
	return because(dst, o, fmt.Errorf("an array of %v, shape %v", arr.dtype, arr.shape))
}

// maxElement is the size of elements of which the memory is taken at once: those that hold numbers,
// texts and slices.
const maxElement = 64

// rows makes a slice for what was compared with the bytes that are there.
func (a *assigner) rows(t reflect.Type, n int) (reflect.Value, error) {
	if t.Elem().Size() > maxElement && n > maxEmpty {
		return reflect.Value{}, &LimitError{What: "large elements", Limit: maxEmpty, Got: int64(n)}
	}
	size := max(int(t.Elem().Size()), 1)
	if err := a.tally.add(0, min(n, math.MaxInt/size)*size); err != nil {
		return reflect.Value{}, err
	}
	return reflect.MakeSlice(t, n, n), nil
}

// fill fills what has as many elements as the dimension.
func (a *assigner) fill(dst reflect.Value, o *Object, arr *ndarray, dim, at int) error {
	n, stride := arr.shape[dim], arr.strides[dim]
	last := dim == len(arr.shape)-1
	if last && n > 0 && arr.copyTo(dst, at, stride) {
		return nil
	}
	plain := last && arr.kind != 'O' && dst.Type().Elem().PkgPath() == "" // of no type that may have methods
	for i := range n {
		var err error
		switch from := (at + i*stride) * arr.size; {
		case plain && arr.set(dst.Index(i), arr.data[from:from+arr.size]):
		case last:
			err = a.element(dst.Index(i), arr, at+i*stride)
		default:
			err = a.dimension(dst.Index(i), o, arr, dim+1, at+i*stride)
		}
		if err != nil {
			return a.at(pathStep{index: i}, err)
		}
	}
	return nil
}

// element puts one element of an array into dst.
func (a *assigner) element(dst reflect.Value, arr *ndarray, i int) error {
	if arr.kind == 'O' {
		return a.assign(dst, arr.items[i])
	}
	if arr.kind == 'M' || arr.kind == 'm' {
		return a.convert(dst, &ndarray{dtype: arr.dtype, data: arr.data[i*arr.size : (i+1)*arr.size]})
	}
	v, err := arr.at(i)
	if err != nil {
		return because(dst, arr, err)
	}
	return a.convert(dst, v) // not assign: elements are bounded by the bytes that they take
}

// set stores the number that an element is in a plain type, where it fits; else it returns false, and the
// long way says why.
func (d *dtype) set(dst reflect.Value, b []byte) bool {
	switch d.kind {
	case 'i', 'b':
		n := d.integer(b)
		switch k := dst.Kind(); {
		case k == reflect.Float64:
			dst.SetFloat(float64(n))
			return n > -1<<53 && n < 1<<53
		case dst.CanInt() && !dst.OverflowInt(n):
			dst.SetInt(n)
			return true
		case dst.CanUint() && n >= 0 && !dst.OverflowUint(uint64(n)):
			dst.SetUint(uint64(n))
			return true
		}
	case 'u':
		n := d.bits(b)
		switch {
		case dst.CanUint() && !dst.OverflowUint(n):
			dst.SetUint(n)
			return true
		case dst.CanInt() && n < 1<<63 && !dst.OverflowInt(int64(n)):
			dst.SetInt(int64(n))
			return true
		}
	case 'f':
		if f := d.float(b); dst.CanFloat() && (dst.Kind() == reflect.Float64 || !dst.OverflowFloat(f)) {
			dst.SetFloat(f)
			return true
		}
	}
	return false
}

// copyTo copies elements into a slice or an array whose elements have the same form in memory, in one
// piece where they lie next to each other. It returns false where they do not have that form.
func (arr *ndarray) copyTo(dst reflect.Value, at, stride int) bool {
	elem := dst.Type().Elem()
	if arr.kind == 'O' || !arr.dtype.is(elem) || stride != 1 || !dst.Index(0).CanAddr() {
		return false
	}
	n, size := dst.Len(), arr.size
	to := unsafe.Slice((*byte)(dst.Index(0).Addr().UnsafePointer()), n*size)
	copy(to, arr.data[at*size:])
	if word := arr.word(); arr.big != bigEndian && word > 1 {
		for b := to; len(b) > 0; b = b[word:] {
			slices.Reverse(b[:word])
		}
	}
	return true
}

// word is the size of what has a byte order: a complex number is two.
func (d dtype) word() int {
	if d.kind == 'c' {
		return d.size / 2
	}
	return d.size
}

// bigEndian tells how this machine orders bytes.
var bigEndian = func() bool {
	one := uint16(1)
	return *(*byte)(unsafe.Pointer(&one)) == 0
}()

// is tells whether elements are in memory what Go values of a type are. A bool is not: Go's must be 0
// or 1.
func (d dtype) is(t reflect.Type) bool {
	if t.PkgPath() != "" && reflect.PointerTo(t).Implements(unmarshalerType) || own[t] || values[t] || t == durationType {
		return false
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return d.kind == 'i' && d.size == int(t.Size())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return d.kind == 'u' && d.size == int(t.Size())
	case reflect.Float32, reflect.Float64:
		return d.kind == 'f' && d.size == int(t.Size())
	case reflect.Complex64, reflect.Complex128:
		return d.kind == 'c' && d.size == int(t.Size())
	}
	return false
}

var unmarshalerType = reflect.TypeFor[Unmarshaler]()
