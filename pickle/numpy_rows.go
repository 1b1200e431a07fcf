package pickle

import (
	"math"
	"strconv"
	"strings"
)

// This file takes numpy's arrays apart as iterating over them does.

// NumpyRows are what iterating over an array of numpy gives: its elements where it has one dimension, else arrays of
// one dimension less. They are as numpy itself would pickle them, and are made one by one.
type NumpyRows struct {
	array  *ndarray
	dtype  any // as the array's pickle has it
	class  any // of the array, and of its rows
	scalar any // the function that makes scalars
	rows   any // the function that makes arrays
}

// NumpyRowsOf returns the rows of an array of numpy, and false for any other object. An array without dimensions
// has none: then Dims is 0.
func NumpyRowsOf(o *Object) (*NumpyRows, bool) {
	g, ok := o.Class.(Global)
	if !ok || o.Kind != Reduce || numpyFunctions[g] == nil || g.Name == "scalar" {
		return nil, false
	}
	r, parts := &NumpyRows{class: Global{"numpy", "ndarray"}}, bufferParts
	if g.Name == "_reconstruct" {
		parts = reconstructedParts
		if len(o.args()) > 0 {
			r.class = o.args()[0]
		}
	}
	p, err := parts(o)
	if err != nil {
		return nil, false
	}
	d, err := elementOf(p.dtype)
	if err != nil {
		return nil, false
	}
	if r.array, err = p.array(d); err != nil {
		return nil, false
	}
	module := g.Module[:strings.LastIndexByte(g.Module, '.')] + ".multiarray"
	r.dtype, r.scalar, r.rows = p.dtype, Global{module, "scalar"}, Global{module, "_reconstruct"}
	return r, true
}

// elementOf is dtypeOf, and returns a dtype of plain bytes for what has no type in Go: records, long doubles.
func elementOf(v any) (d dtype, err error) {
	if d, err = dtypeOf(v); err == nil {
		return d, nil
	}
	o, ok := v.(*Object)
	if !ok || !o.IsA("numpy", "dtype") || len(o.args()) == 0 {
		return d, err
	}
	state, ok := o.State.(Tuple)
	if !ok || len(state) < 8 {
		return d, err
	}
	const holdsObjects = 1 // NPY_ITEM_REFCOUNT
	if flags, isInt := state[7].(int64); !isInt || flags&holdsObjects != 0 {
		return d, err
	}
	size, isInt := state[5].(int64)
	if isInt && size < 0 { // one of numpy's own types, whose name has the size
		name, _ := asText(o.args()[0])
		n, numErr := strconv.Atoi(name[min(1, len(name)):])
		if numErr != nil {
			return d, err
		}
		size = int64(n)
	}
	if !isInt || size <= 0 || size > math.MaxInt32 {
		return d, err
	}
	return dtype{kind: 'V', size: int(size)}, nil
}

// isMatrix tells whether the array is a matrix, whose rows are matrices.
func (r *NumpyRows) isMatrix() bool {
	g, ok := r.class.(Global)
	return ok && g.Name == "matrix" && len(r.array.shape) == 2
}

// Dims returns how many dimensions the array has.
func (r *NumpyRows) Dims() int { return len(r.array.shape) }

// Kind returns the letter of the elements' dtype: b, i, u, f, c, S, U, V, M, m, O.
func (r *NumpyRows) Kind() byte { return r.array.kind }

// Len returns how many rows there are.
func (r *NumpyRows) Len() int {
	if len(r.array.shape) == 0 {
		return 0
	}
	return r.array.shape[0]
}

// Bytes returns what one row takes in memory, roughly.
func (r *NumpyRows) Bytes() int {
	const scalar, row = 256, 512
	switch {
	case len(r.array.shape) < 2 && r.array.kind == 'O':
		return 0
	case len(r.array.shape) < 2:
		return scalar + r.array.size
	}
	n := 1
	for _, dim := range r.array.shape[1:] {
		n *= dim // newArray has compared it with the bytes
	}
	return row + n*max(r.array.size, 16)
}

// Row returns a row.
func (r *NumpyRows) Row(i int) any {
	a := r.array
	at := i * a.strides[0]
	if len(a.shape) > 1 {
		return r.rowArray(at)
	}
	if a.kind == 'O' {
		return a.items[at]
	}
	data := append([]byte(nil), a.data[at*a.size:(at+1)*a.size]...) // not the whole array for its sake
	return &Object{Kind: Reduce, Class: r.scalar, Args: Tuple{r.dtype, data}}
}

// rowArray makes an array of what begins at an element, without the first dimension.
func (r *NumpyRows) rowArray(at int) any {
	a := r.array
	shape := make(Tuple, 0, len(a.shape))
	if r.isMatrix() {
		shape = append(shape, int64(1))
	}
	for _, n := range a.shape[1:] {
		shape = append(shape, int64(n))
	}
	var content any
	if a.kind == 'O' {
		content = &List{Items: a.gatherItems(nil, 1, at)}
	} else {
		content = a.gather([]byte{}, 1, at)
	}
	return &Object{Kind: Reduce, Class: r.rows, Args: Tuple{r.class, Tuple{int64(0)}, []byte("b")},
		State: Tuple{int64(1), shape, r.dtype, false, content}, HasState: true}
}

// gather appends the bytes of the elements from the dimension dim on, the last one next to each other.
func (a *ndarray) gather(out []byte, dim, at int) []byte {
	if dim == len(a.shape) {
		return append(out, a.data[at*a.size:(at+1)*a.size]...)
	}
	for i := range a.shape[dim] {
		out = a.gather(out, dim+1, at+i*a.strides[dim])
	}
	return out
}

// gatherItems is gather for objects.
func (a *ndarray) gatherItems(out []any, dim, at int) []any {
	if dim == len(a.shape) {
		return append(out, a.items[at])
	}
	for i := range a.shape[dim] {
		out = a.gatherItems(out, dim+1, at+i*a.strides[dim])
	}
	return out
}

// Item returns what the element i of an array of one dimension is to Python without numpy, which is what its method
// item returns: a bool, int64, *big.Int, float64, complex128, string or []byte, or the object that it is. It returns
// false for times and records.
func (r *NumpyRows) Item(i int) (any, bool) {
	a := r.array
	if len(a.shape) != 1 || a.kind == 'V' || a.kind == 'M' || a.kind == 'm' {
		return nil, false
	}
	v, err := a.at(i * a.strides[0])
	return v, err == nil
}
