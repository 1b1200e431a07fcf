package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// This file reads numpy's arrays and scalars as their pickles hold them.
//
// Sources: numpy/_core/src/multiarray/methods.c (array_reduce, array_reduce_ex_picklebuffer),
// descriptor.c (arraydescr_reduce), scalartypes.c.src (gentype_reduce), and numeric.py (_frombuffer).
// The modules are those of numpy 1 (numpy.core) and of numpy 2 (numpy._core).

// dtype is what an element of an array is.
type dtype struct {
	kind byte // as in its name: b, i, u, f, c, S, U, V, M, m, O
	size int  // bytes of an element; 0 for O
	big  bool // big-endian
	unit timeUnit
}

// String returns the name that numpy gives it, without the byte order.
func (d dtype) String() string {
	switch d.kind {
	case 'O':
		return "object"
	case 'U':
		return fmt.Sprintf("U%d", d.size/4)
	case 'M', 'm':
		return fmt.Sprintf("%c8[%s]", d.kind, d.unit)
	}
	return fmt.Sprintf("%c%d", d.kind, d.size)
}

// ndarray is an array, or a scalar, which has no dimensions.
type ndarray struct {
	dtype
	shape   []int
	strides []int // in elements: how far the next one is in each dimension
	data    []byte
	items   []any // of dtype O instead of data
	scalar  bool  // a numpy scalar, not an array without dimensions
}

var (
	errDtype      = errors.New("no Go type for the dtype")
	errStructured = errors.New("structured dtypes are not supported")
	errClaim      = errors.New("the shape does not match the number of bytes")
)

// maxEmpty bounds how many elements without bytes, and rows without elements, an array may have: they
// take no room in the pickle.
const maxEmpty = 1 << 16

// maxDims is numpy's own limit.
const maxDims = 64

// numpyFunctions are the functions that pickles of numpy call, by their names.
var numpyFunctions = map[Global]func(*Object) (*ndarray, error){
	{"numpy.core.multiarray", "scalar"}:        numpyScalar,
	{"numpy._core.multiarray", "scalar"}:       numpyScalar,
	{"numpy.core.multiarray", "_reconstruct"}:  numpyArray,
	{"numpy._core.multiarray", "_reconstruct"}: numpyArray,
	{"numpy.core.numeric", "_frombuffer"}:      numpyBuffer,
	{"numpy._core.numeric", "_frombuffer"}:     numpyBuffer,
}

// numpyOf reads an array or a scalar; isNumpy is false for all other objects.
func numpyOf(o *Object) (a *ndarray, isNumpy bool, err error) {
	g, ok := o.Class.(Global)
	if !ok || o.Kind != Reduce {
		return nil, false, nil
	}
	read := numpyFunctions[g]
	if read == nil {
		return nil, false, nil
	}
	a, err = read(o)
	return a, true, err
}

// NumpyScalar returns what a scalar of numpy is to Python: a bool, int64, *big.Int, float64, complex128, string or
// bytes. It returns false for any other object, and for scalars that are none of these: times, records, objects.
func NumpyScalar(o *Object) (any, bool) {
	a, isNumpy, err := numpyOf(o)
	if !isNumpy || err != nil || !a.scalar {
		return nil, false
	}
	switch a.kind {
	case 'O', 'V', 'M', 'm':
		return nil, false
	}
	v, err := a.at(0)
	if b, isBytes := v.([]byte); isBytes {
		if _, ok := o.args()[1].(ByteString); ok {
			return ByteString(b), true // Python 2's str
		}
	}
	return v, err == nil
}

// numpyScalar reads scalar(dtype, bytes).
func numpyScalar(o *Object) (*ndarray, error) {
	args := o.args()
	if len(args) != 2 {
		return nil, errShape
	}
	d, err := dtypeOf(args[0])
	if err != nil {
		return nil, err
	}
	a := &ndarray{dtype: d, scalar: true}
	if d.kind == 'O' {
		a.items = []any{args[1]}
		return a, nil
	}
	var ok bool
	if a.data, ok = bufferOf(args[1]); !ok || len(a.data) != d.size {
		return nil, errClaim
	}
	return a, nil
}

// numpyArray reads _reconstruct(class, (0,), b'b') and its state.
func numpyArray(o *Object) (*ndarray, error) { return readArray(o, reconstructedParts) }

// numpyBuffer reads _frombuffer(buffer, dtype, shape, order[, axes]).
func numpyBuffer(o *Object) (*ndarray, error) { return readArray(o, bufferParts) }

func readArray(o *Object, parts func(*Object) (arrayParts, error)) (*ndarray, error) {
	p, err := parts(o)
	if err != nil {
		return nil, err
	}
	d, err := dtypeOf(p.dtype)
	if err != nil {
		return nil, err
	}
	return p.array(d)
}

// arrayParts are what an array is pickled as.
type arrayParts struct {
	dtype, shape, data any
	fortran            bool
	axes               any // in which the array was transposed; nil for none
}

// reconstructedParts returns the parts of _reconstruct, with the state (version, shape, dtype, is_fortran, bytes, or a
// list of objects).
func reconstructedParts(o *Object) (p arrayParts, err error) {
	state, ok := o.State.(Tuple)
	if !ok || len(state) != 5 || state[0] != int64(1) {
		return p, errShape
	}
	p = arrayParts{dtype: state[2], shape: state[1], data: state[4]}
	if p.fortran, ok = truth(state[3]); !ok {
		return p, errShape
	}
	return p, nil
}

// bufferParts returns the parts of _frombuffer.
func bufferParts(o *Object) (p arrayParts, err error) {
	args := o.args()
	if len(args) != 4 && len(args) != 5 {
		return p, errShape
	}
	order, ok := asText(args[3])
	if !ok || order != "C" && order != "F" && order != "K" {
		return p, errShape
	}
	p = arrayParts{dtype: args[1], shape: args[2], data: args[0], fortran: order == "F"}
	if len(args) == 5 && order == "K" {
		p.axes = args[4]
	}
	return p, nil
}

// array makes an array of elements d and compares what it claims with what is there.
func (p arrayParts) array(d dtype) (*ndarray, error) {
	dims, ok := p.shape.(Tuple)
	if !ok || len(dims) > maxDims {
		return nil, errShape
	}
	a := &ndarray{dtype: d, shape: make([]int, len(dims))}
	for i, dim := range dims {
		n, isInt := dim.(int64)
		if !isInt || n < 0 || n > math.MaxInt {
			return nil, errShape
		}
		a.shape[i] = int(n)
	}
	there := 0
	if d.kind == 'O' {
		list, isList := p.data.(*List)
		if !isList {
			return nil, errShape
		}
		a.items, there = list.Items, len(list.Items)
	} else {
		if a.data, ok = bufferOf(p.data); !ok {
			return nil, errShape
		}
		there = len(a.data)
	}
	if err := a.check(there); err != nil {
		return nil, err
	}
	a.stride(p.fortran)
	if p.axes != nil {
		return a.transpose(p.axes)
	}
	return a, nil
}

// check compares the shape with what is there: bytes, or objects.
func (a *ndarray) check(there int) error {
	per := max(a.size, 1)
	if a.kind == 'O' {
		per = 1
	}
	empty := a.size == 0 && a.kind != 'O'
	for _, n := range a.shape {
		empty = empty || n == 0
	}
	if empty {
		rows := 1
		for _, n := range a.shape {
			if max(n, 1) > maxEmpty/rows {
				return &LimitError{What: "elements without bytes", Limit: maxEmpty, Got: int64(n)}
			}
			rows *= max(n, 1)
		}
		if there != 0 {
			return errClaim
		}
		return nil
	}
	left := there / per // no product of what a shape claims overflows, for there is no product
	for _, n := range a.shape {
		if left%n != 0 {
			return errClaim
		}
		left /= n
	}
	if left != 1 || there%per != 0 {
		return errClaim
	}
	return nil
}

// stride lays the dimensions out: the last one next to each other, or the first in Fortran's order.
func (a *ndarray) stride(fortran bool) {
	a.strides = make([]int, len(a.shape))
	next := 1
	for i := range a.shape {
		if !fortran {
			i = len(a.shape) - 1 - i
		}
		a.strides[i] = next
		next *= max(a.shape[i], 1)
	}
}

// transpose orders the dimensions anew: ndarray.transpose(axes).
func (a *ndarray) transpose(axes any) (*ndarray, error) {
	order, ok := sequence(axes)
	if !ok || len(order) != len(a.shape) {
		return nil, errShape
	}
	out := *a
	out.shape, out.strides = make([]int, len(order)), make([]int, len(order))
	seen := make([]bool, len(order))
	for i, v := range order {
		axis, isInt := v.(int64)
		if !isInt || axis < 0 || axis >= int64(len(order)) || seen[axis] {
			return nil, errShape
		}
		seen[axis] = true
		out.shape[i], out.strides[i] = a.shape[axis], a.strides[axis]
	}
	return &out, nil
}

// dtypeOf reads dtype(name, False, True) with the state (version, byte order, subdtype, names, fields,
// size, alignment, flags[, metadata]).
func dtypeOf(v any) (d dtype, err error) {
	o, ok := v.(*Object)
	if !ok || !o.IsA("numpy", "dtype") || len(o.args()) == 0 {
		return d, errDtype
	}
	state, ok := o.State.(Tuple)
	if !ok || len(state) < 8 {
		return d, errDtype
	}
	if state[2] != nil || state[3] != nil || state[4] != nil {
		return d, errStructured
	}
	name, ok1 := asText(o.args()[0])
	order, ok2 := asText(state[1])
	if !ok1 || !ok2 || name == "" {
		return d, errDtype
	}
	d.kind, d.big = name[0], order == ">"
	switch d.kind {
	case 'O':
		return d, nil
	case 'S', 'U', 'V':
		size, isInt := state[5].(int64)
		if !isInt || size < 0 || size > math.MaxInt32 || d.kind == 'U' && size%4 != 0 {
			return d, errDtype
		}
		d.size = int(size)
		return d, nil
	}
	if d.size, err = strconv.Atoi(name[1:]); err != nil || !d.known() {
		return d, fmt.Errorf("%w: %.20q", errDtype, name)
	}
	if d.kind == 'M' || d.kind == 'm' {
		d.unit, err = unitOf(state)
	}
	return d, err
}

// known tells whether there is a Go type of this kind and size.
func (d dtype) known() bool {
	switch d.kind {
	case 'b':
		return d.size == 1
	case 'i', 'u':
		return d.size == 1 || d.size == 2 || d.size == 4 || d.size == 8
	case 'f':
		return d.size == 2 || d.size == 4 || d.size == 8
	case 'c':
		return d.size == 8 || d.size == 16
	case 'M', 'm':
		return d.size == 8
	}
	return false
}

// bufferOf returns the bytes of an array.
func bufferOf(v any) ([]byte, bool) {
	switch v := v.(type) {
	case []byte:
		return v, true
	case *ByteArray:
		return v.Bytes, true
	case ByteString:
		return []byte(v), true
	case string:
		return latin1(v)
	}
	return nil, false
}

// truth reads a bool, which Python 2's numpy writes as an int.
func truth(v any) (b, ok bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case int64:
		return v != 0, true
	}
	return false, false
}

// at returns the element at a place as a value of the graph.
func (a *ndarray) at(i int) (any, error) {
	if a.kind == 'O' {
		return a.items[i], nil
	}
	return a.value(a.data[i*a.size : (i+1)*a.size])
}

// value returns what the bytes of one element mean.
func (d dtype) value(b []byte) (any, error) {
	switch d.kind {
	case 'S':
		return append([]byte(nil), trimZeros(b)...), nil
	case 'V':
		return append([]byte(nil), b...), nil
	case 'U':
		return d.text(b)
	case 'c':
		half := dtype{kind: 'f', size: d.size / 2, big: d.big}
		return complex(half.float(b[:half.size]), half.float(b[half.size:])), nil
	case 'b':
		return b[0] != 0, nil
	case 'f':
		return d.float(b), nil
	case 'i':
		return d.integer(b), nil
	case 'u':
		return unsigned(d.bits(b)), nil
	}
	return nil, fmt.Errorf("%w: %v", errDtype, d)
}

// bits returns the bytes of a number as it is in memory.
func (d *dtype) bits(b []byte) uint64 {
	switch {
	case len(b) == 1:
		return uint64(b[0])
	case len(b) == 2 && d.big:
		return uint64(binary.BigEndian.Uint16(b))
	case len(b) == 2:
		return uint64(binary.LittleEndian.Uint16(b))
	case len(b) == 4 && d.big:
		return uint64(binary.BigEndian.Uint32(b))
	case len(b) == 4:
		return uint64(binary.LittleEndian.Uint32(b))
	case d.big:
		return binary.BigEndian.Uint64(b)
	}
	return binary.LittleEndian.Uint64(b)
}

// integer returns a signed number, or a bool as 0 or 1.
func (d *dtype) integer(b []byte) int64 {
	if d.kind == 'b' {
		return int64(min(b[0], 1))
	}
	shift := 64 - 8*d.size
	return int64(d.bits(b)<<shift) >> shift
}

func (d *dtype) float(b []byte) float64 {
	switch bits := d.bits(b); len(b) {
	case 2:
		return halfFloat(uint16(bits))
	case 4:
		return float64(math.Float32frombits(uint32(bits)))
	default:
		return math.Float64frombits(bits)
	}
}

// halfFloat is the value of a float16: IEEE 754 binary16.
func halfFloat(h uint16) float64 {
	sign, exp, frac := float64(1), int(h>>10&0x1f), float64(h&0x3ff)
	if h&0x8000 != 0 {
		sign = -1
	}
	switch {
	case exp == 0x1f && frac != 0:
		return math.NaN()
	case exp == 0x1f:
		return math.Inf(int(sign))
	case exp == 0:
		return sign * math.Ldexp(frac, -24)
	}
	return sign * math.Ldexp(1+frac/1024, exp-15)
}

func trimZeros(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}

// text reads UCS4, which zeros fill up. Single surrogates stay what they are in a str.
func (d dtype) text(b []byte) (any, error) {
	out := make([]byte, 0, len(b)/4)
	zeros := 0
	for ; len(b) >= 4; b = b[4:] {
		r := d.bits(b[:4])
		switch {
		case r == 0:
			zeros++
			continue
		case r > 0x10ffff:
			return nil, errText
		}
		for ; zeros > 0; zeros-- {
			out = append(out, 0)
		}
		out = appendRune(out, rune(r))
	}
	return string(out), nil
}

// NumpyFacts are what bool(), float() and operator.index() ask of an array or scalar of numpy.
type NumpyFacts struct {
	Scalar      bool // and not an array
	Kind        byte // of its dtype: b, i, u, f, c, S, U, V, M, m, O
	Dims, Count int  // of a scalar 0 and 1
	Only        any  // the element of what has no other, as NumpyScalar returns it; nil where that returns none
	Zero        bool // what has one element has nothing but zeros in its bytes
	Numpy2      bool // it was pickled by numpy 2 or later
}

// NumpyOf returns the facts of an array or scalar of numpy, and false for any other object.
func NumpyOf(o *Object) (NumpyFacts, bool) {
	a, isNumpy, err := numpyOf(o)
	if !isNumpy || err != nil {
		return NumpyFacts{}, false
	}
	g, _ := o.Class.(Global)
	f := NumpyFacts{Scalar: a.scalar, Kind: a.kind, Dims: len(a.shape), Count: 1,
		Numpy2: strings.HasPrefix(g.Module, "numpy._core.")}
	for _, n := range a.shape {
		f.Count *= n // newArray has compared it with the bytes
	}
	if f.Count != 1 {
		return f, true
	}
	f.Zero = a.kind != 'O' && len(bytes.Trim(a.data, "\x00")) == 0
	if !strings.ContainsRune("VMm", rune(a.kind)) {
		if v, err := a.at(0); err == nil {
			f.Only = v
		}
	}
	return f, true
}
