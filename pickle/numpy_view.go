package pickle

import (
	"fmt"
	"slices"
	"time"
)

// NumpyArray is an array or a scalar of numpy as its pickle holds it: nothing is copied.
type NumpyArray struct {
	a     *ndarray
	newer bool
}

// Numpy reads an array or a scalar. It returns false for any other object, and for what it cannot read: structured
// arrays, those of longdouble, and what claims more than it has.
func Numpy(o *Object) (NumpyArray, bool) {
	a, isNumpy, err := numpyOf(o)
	if !isNumpy || err != nil {
		return NumpyArray{}, false
	}
	g, _ := o.Class.(Global)
	return NumpyArray{a, g.Module == "numpy._core.multiarray" || g.Module == "numpy._core.numeric"}, true
}

// Version returns 1 or 2: numpy's major version, which names its modules.
func (n NumpyArray) Version() int { return 1 + b2i(n.newer) }

// IsScalar tells a scalar from an array without dimensions.
func (n NumpyArray) IsScalar() bool { return n.a.scalar }

// Shape returns the dimensions.
func (n NumpyArray) Shape() []int { return slices.Clone(n.a.shape) }

// Kind returns the kind of the elements as numpy's dtype.kind: b, i, u, f, c, S, U, V, M, m, O.
func (n NumpyArray) Kind() byte { return n.a.kind }

// ItemSize returns the bytes of an element; 0 for objects.
func (n NumpyArray) ItemSize() int { return n.a.size }

// BigEndian tells whether the bytes of numbers and texts have the order that is not this machine's.
func (n NumpyArray) BigEndian() bool { return n.a.big && n.a.word() > 1 }

// Unit returns the unit of datetime64 and timedelta64, and how many of it one is.
func (n NumpyArray) Unit() (name string, num int64) { return n.a.unit.name, n.a.unit.num }

// At returns the element at an index as a value of the graph: of datetime64 and timedelta64 its count of units, an
// int64. The index must be one of the array, with a number for each dimension.
func (n NumpyArray) At(index ...int) (any, error) {
	at := 0
	for i, k := range index {
		if k < 0 || k >= n.a.shape[i] {
			return nil, fmt.Errorf("index %v of an array of shape %v", index, n.a.shape)
		}
		at += k * n.a.strides[i]
	}
	if n.a.kind == 'M' || n.a.kind == 'm' {
		return int64(n.a.bits(n.a.data[at*n.a.size : (at+1)*n.a.size])), nil
	}
	return n.a.at(at)
}

// NumpyTime returns what a count of datetime64's units shows.
func (n NumpyArray) NumpyTime(count int64) (time.Time, error) { return n.a.unit.wall(count) }

// NotATime is the count that numpy's NaT is.
const NotATime = notATime
