package values

import (
	"math"
	"math/big"

	"mpbridge/pickle"
)

// Index returns the index v of a container, which the text of the TypeError names: "list", "tuple",
// "byte", "string", "array". A number beyond the machine's integers is an IndexError. See
// PyNumber_AsSsize_t in Objects/abstract.c.
func Index(v any, container string) (int, error) {
	n, ok := Integer(v)
	switch {
	case !ok && container == "string":
		return 0, typeError("string indices must be integers, not '%s'", TypeName(v))
	case !ok && container == "array":
		return 0, typeError("array indices must be integers")
	case !ok:
		return 0, typeError("%s indices must be integers or slices, not %s", container, TypeName(v))
	}
	if i, ok := n.(int64); ok && int64(int(i)) == i {
		return int(i), nil
	}
	return 0, raise("IndexError", "cannot fit '%s' into an index-sized integer", TypeName(v))
}

// Ssize returns the integer argument of a method such as list.pop: what the argument clinic calls
// Py_ssize_t. A number beyond the machine's integers is an OverflowError.
func Ssize(v any) (int, error) {
	n, ok := Integer(v)
	if !ok {
		return 0, typeError("'%s' object cannot be interpreted as an integer", TypeName(v))
	}
	if i, ok := n.(int64); ok && int64(int(i)) == i {
		return int(i), nil
	}
	return 0, raise("OverflowError", "Python int too large to convert to C ssize_t")
}

// Slice returns a slice, also one whose parts pickle.Slice does not take, as numbers of numpy.
func Slice(v any) (pickle.Slice, bool) {
	switch v := v.(type) {
	case pickle.Slice:
		return v, true
	case *pickle.Object:
		return sliceOf(v)
	}
	return pickle.Slice{}, false
}

// SliceIndices returns the places that a slice takes of a sequence of n elements: count of them,
// from start in steps. It is slice.indices and the length of its range. See PySlice_Unpack and
// PySlice_AdjustIndices in Objects/sliceobject.c.
func SliceIndices(s pickle.Slice, n int) (start, stop, step, count int, err error) {
	step = 1
	if s.Step != nil {
		if step, err = SliceIndex(s.Step); err != nil {
			return 0, 0, 0, 0, err
		}
		if step == 0 {
			return 0, 0, 0, 0, raise("ValueError", "slice step cannot be zero")
		}
		step = max(step, -math.MaxInt)
	}
	low, high := 0, math.MaxInt
	if step < 0 {
		low, high = math.MaxInt, math.MinInt
	}
	if start, err = sliceBound(s.Start, low); err != nil {
		return 0, 0, 0, 0, err
	}
	if stop, err = sliceBound(s.Stop, high); err != nil {
		return 0, 0, 0, 0, err
	}
	start, stop = adjust(start, n, step), adjust(stop, n, step)
	switch {
	case step < 0 && stop < start:
		count = (start-stop-1)/-step + 1
	case step > 0 && start < stop:
		count = (stop-start-1)/step + 1
	}
	return start, stop, step, count, nil
}

func adjust(i, n, step int) int {
	if i < 0 {
		if i += n; i >= 0 {
			return i
		}
		if step < 0 {
			return -1
		}
		return 0
	}
	if i >= n {
		if step < 0 {
			return n - 1
		}
		return n
	}
	return i
}

func sliceBound(v any, missing int) (int, error) {
	if v == nil {
		return missing, nil
	}
	return SliceIndex(v)
}

// SliceIndex is _PyEval_SliceIndex: numbers too large are cut.
func SliceIndex(v any) (int, error) {
	n, ok := Integer(v)
	if !ok {
		return 0, typeError("slice indices must be integers or have an __index__ method")
	}
	switch n := n.(type) {
	case int64:
		return int(max(math.MinInt, min(n, math.MaxInt))), nil
	case *big.Int:
		if n.Sign() < 0 {
			return math.MinInt, nil
		}
	}
	return math.MaxInt, nil
}

// Whole returns an integer, or another number that is equal to one. Anything else is a TypeError, and a number beyond
// the machine's integers an OverflowError.
func Whole(v any) (int, error) {
	if _, ok := Integer(v); !ok {
		if f, err := Float(v); err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			v = int64(f)
		}
	}
	return Ssize(v)
}
