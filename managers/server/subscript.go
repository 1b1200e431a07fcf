package server

import (
	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// subscript decodes an argument in square brackets: an index, or a slice.
func (c *Call) subscript(i int, container string) (at int, s pickle.Slice, isSlice bool, err error) {
	v, err := c.open(c.Value(i))
	if err != nil {
		return 0, s, false, err
	}
	if s, isSlice = values.Slice(v); isSlice {
		return 0, s, true, nil
	}
	at, err = values.Index(v, container)
	return at, s, false, err
}

// resolve returns the place that index i means in n elements.
func resolve(i, n int, text string) (int, error) {
	if i < 0 {
		i += n
	}
	if i < 0 || i >= n {
		return 0, managers.ErrIndexError.New(text)
	}
	return i, nil
}

// sliced returns the elements that a slice names.
func (c *Call) sliced(items []any, s pickle.Slice) ([]any, error) {
	start, _, step, count, err := values.SliceIndices(s, len(items))
	if err == nil {
		err = c.budget().MakeEach(count, values.ValueBytes/2)
	}
	if err != nil {
		return nil, err
	}
	out := make([]any, 0, count)
	for k := range count {
		out = append(out, items[start+k*step])
	}
	return out, nil
}

// slice2 reads the two bounds of Python 2's simple slices, where what is left out is 0 or sys.maxint
// and negative bounds were made positive by the client.
func (c *Call) slice2() (pickle.Slice, error) {
	i, err := c.sliceBound(0)
	if err != nil {
		return pickle.Slice{}, err
	}
	j, err := c.sliceBound(1)
	return pickle.Slice{Start: int64(max(i, 0)), Stop: int64(max(j, 0))}, err
}

// assignError is what Python raises for l[s] = x where x is not iterable.
func assignError(err error) error {
	if exc := managers.AsException(err); exc == nil || !exc.Is(managers.ErrTypeError) {
		return err
	}
	return managers.ErrTypeError.New("must assign iterable to extended slice")
}
