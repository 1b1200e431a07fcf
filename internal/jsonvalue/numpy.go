package jsonvalue

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"

	"mpbridge/pickle"
)

// This file has numpy's scalars and arrays of numbers. Source: scalar in
// numpy/_core/src/multiarray/multiarraymodule.c, __reduce__ in methods.c and descriptor.c, _frombuffer in
// numpy/_core/numeric.py; numpy 1 spells _core as core, and numpy 2 reads that, too.

// numberType is a dtype of numbers.
type numberType struct {
	name string
	code string // as in dtype('f8')
	size int
	kind byte // b, i, u, f, c
}

var numberTypes = []numberType{
	{"bool_", "b1", 1, 'b'},
	{"int8", "i1", 1, 'i'}, {"int16", "i2", 2, 'i'}, {"int32", "i4", 4, 'i'}, {"int64", "i8", 8, 'i'},
	{"uint8", "u1", 1, 'u'}, {"uint16", "u2", 2, 'u'}, {"uint32", "u4", 4, 'u'}, {"uint64", "u8", 8, 'u'},
	{"float16", "f2", 2, 'f'}, {"float32", "f4", 4, 'f'}, {"float64", "f8", 8, 'f'},
	{"complex64", "c8", 8, 'c'}, {"complex128", "c16", 16, 'c'},
}

var arrayClasses = map[string]func(*builder, *members) (any, error){
	"numpy.ndarray": (*builder).arrayValue,
}

func init() {
	for _, t := range numberTypes {
		arrayClasses["numpy."+t.name] = (*builder).scalarValue
	}
}

func numberTypeBy(is func(numberType) bool) (numberType, bool) {
	i := slices.IndexFunc(numberTypes, is)
	if i < 0 {
		return numberType{}, false
	}
	return numberTypes[i], true
}

// maxListed is how many elements of an array are written as numbers.
const maxListed = 1000

// isNumpy tells whether an object is made by a function of numpy's core.
func isNumpy(g pickle.Global, module, name string) bool {
	return g.Name == name && (g.Module == "numpy.core."+module || g.Module == "numpy._core."+module)
}

// numpyForm writes a scalar or an array of numbers, nil for any other object.
func (w *Writer) numpyForm(o *pickle.Object) any {
	g, ok := o.Class.(pickle.Global)
	if !ok || !strings.HasPrefix(g.Module, "numpy") {
		return nil
	}
	args, _ := o.Args.(pickle.Tuple)
	switch {
	case isNumpy(g, "multiarray", "scalar") && len(args) == 2:
		return w.scalarForm(args)
	case isNumpy(g, "multiarray", "_reconstruct"):
		if s, ok := o.State.(pickle.Tuple); ok && len(s) == 5 && len(args) == 3 &&
			args[0] == any(pickle.Global{Module: "numpy", Name: "ndarray"}) {
			return w.arrayForm(s[2], s[1], s[3] == true, s[4])
		}
	case isNumpy(g, "numeric", "_frombuffer") && len(args) == 4:
		order, _ := pickle.Text(args[3])
		return w.arrayForm(args[1], args[2], order == "F", args[0])
	}
	return nil
}

// dtypeOf reads a dtype of numbers and its byte order.
func dtypeOf(v any) (numberType, binary.ByteOrder, bool) {
	o, ok := v.(*pickle.Object)
	if !ok || !o.IsA("numpy", "dtype") {
		return numberType{}, nil, false
	}
	args, _ := o.Args.(pickle.Tuple)
	code, _ := pickle.Text(first(args))
	t, ok := numberTypeBy(func(t numberType) bool { return t.code == code })
	if s, isState := o.State.(pickle.Tuple); isState && len(s) > 1 {
		if mark, _ := pickle.Text(s[1]); mark == ">" {
			return t, binary.BigEndian, ok
		}
	}
	return t, binary.LittleEndian, ok
}

func (w *Writer) scalarForm(args pickle.Tuple) any {
	t, order, ok := dtypeOf(args[0])
	data, isBytes := dataOf(args[1])
	if !ok || !isBytes || len(data) != t.size {
		return nil
	}
	v := w.element(t, order, data)
	if w.Plain {
		return v
	}
	return classed("numpy."+t.name, Member{"value", v})
}

func dataOf(v any) ([]byte, bool) {
	if b, ok := v.(*pickle.ByteArray); ok {
		return b.Bytes, true
	}
	return stateOf(v)
}

// element is one number as a form.
func (w *Writer) element(t numberType, order binary.ByteOrder, b []byte) any {
	switch t.kind {
	case 'b':
		return b[0] != 0
	case 'i':
		shift := 64 - 8*t.size
		return int64(unsigned(order, b)<<shift) >> shift
	case 'u':
		return literal(strconv.FormatUint(unsigned(order, b), 10))
	case 'f':
		f, bits := float(order, b)
		return w.floatForm(f, bits)
	}
	re, _ := float(order, b[:t.size/2])
	im, _ := float(order, b[t.size/2:])
	return w.complexForm(complex(re, im))
}

func unsigned(order binary.ByteOrder, b []byte) uint64 {
	switch len(b) {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(order.Uint16(b))
	case 4:
		return uint64(order.Uint32(b))
	}
	return order.Uint64(b)
}

func float(order binary.ByteOrder, b []byte) (f float64, bits int) {
	switch n := unsigned(order, b); len(b) {
	case 2:
		return halfFloat(uint16(n)), 64
	case 4:
		return float64(math.Float32frombits(uint32(n))), 32
	default:
		return math.Float64frombits(n), 64
	}
}

// halfFloat is the value of an IEEE 754 binary16.
func halfFloat(h uint16) float64 {
	sign, exponent, fraction := h>>15, int(h>>10&0x1f), float64(h&0x3ff)
	f := math.Ldexp(1+fraction/1024, exponent-15)
	switch {
	case exponent == 0x1f && fraction != 0:
		return math.NaN()
	case exponent == 0x1f:
		f = math.Inf(1)
	case exponent == 0:
		f = math.Ldexp(fraction/1024, -14)
	}
	if sign == 1 {
		return -f
	}
	return f
}

// arrayForm writes an array, nil where it is none of numbers.
func (w *Writer) arrayForm(dtype, shape any, fortran bool, data any) any {
	t, order, ok := dtypeOf(dtype)
	b, isBytes := dataOf(data)
	dims, n, isShape := shapeOf(shape, max(len(b), maxListed))
	if !ok || !isBytes || !isShape || int64(n)*int64(t.size) != int64(len(b)) {
		return nil
	}
	g := grid{dims, stridesOf(dims, t.size, fortran), 0, func(offset int) any {
		return w.element(t, order, b[offset:offset+t.size])
	}}
	if w.Plain {
		return g
	}
	name := strings.TrimSuffix(t.name, "_")
	if order == binary.BigEndian && t.size > 1 {
		name = ">" + t.code
	}
	size := make(row, len(dims))
	for i, d := range dims {
		size[i] = int64(d)
	}
	out := classed("numpy.ndarray", Member{"dtype", label(name)}, Member{"shape", size})
	if n <= maxListed {
		return append(out, Member{"items", g})
	}
	if fortran && len(dims) > 1 {
		c := make([]byte, 0, len(b))
		eachOffset(g.dims, g.strides, 0, func(offset int) { c = append(c, b[offset:offset+t.size]...) })
		b = c
	}
	return append(out, Member{"base64", encoded(b)})
}

// maxDims is how many dimensions numpy's arrays have at most.
const maxDims = 64

// shapeOf reads a shape whose product is at most limit; n is the product.
func shapeOf(v any, limit int) (dims []int, n int, ok bool) {
	t, ok := v.(pickle.Tuple)
	n = 1
	for _, d := range t {
		size, isInt := d.(int64)
		if !isInt || size < 0 || size > int64(limit) {
			return nil, 0, false
		}
		dims = append(dims, int(size))
		product := int64(n) * size
		if product > int64(limit) {
			return nil, 0, false
		}
		n = int(product)
	}
	return dims, n, ok && len(dims) <= maxDims
}

func stridesOf(dims []int, size int, fortran bool) []int {
	out := make([]int, len(dims))
	for k := range dims {
		i := len(dims) - 1 - k
		if fortran {
			i = k
		}
		out[i], size = size, size*dims[i]
	}
	return out
}

// grid is the elements of an array, as arrays in arrays.
type grid struct {
	dims, strides []int
	offset        int
	element       func(offset int) any
}

func (w *writing) grid(g grid) {
	if len(g.dims) == 0 {
		w.form(g.element(g.offset))
		return
	}
	w.char('[')
	for i := range g.dims[0] {
		if w.err != nil {
			return
		}
		if i > 0 {
			w.char(',')
		}
		w.grid(grid{g.dims[1:], g.strides[1:], g.offset + i*g.strides[0], g.element})
	}
	w.char(']')
}

// eachOffset goes through the elements in C order.
func eachOffset(dims, strides []int, offset int, f func(offset int)) {
	if len(dims) == 0 {
		f(offset)
		return
	}
	for i := range dims[0] {
		eachOffset(dims[1:], strides[1:], offset+i*strides[0], f)
	}
}
