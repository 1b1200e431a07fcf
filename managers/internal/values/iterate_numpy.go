package values

import (
	"strings"

	"mpbridge/pickle"
)

// This file iterates over the arrays of numpy, and makes plain values of them.

// arrayItems are the rows of an array of numpy: scalars of numpy where it has one dimension, else arrays.
func (w *Budget) arrayItems(o *pickle.Object, _ int) ([]any, bool, error) {
	rows, ok := pickle.NumpyRowsOf(o)
	if !ok {
		return nil, false, nil
	}
	if rows.Dims() == 0 {
		return nil, false, typeError("iteration over a 0-d array")
	}
	if err := w.MakeEach(rows.Len(), ValueBytes+rows.Bytes()); err != nil {
		return nil, false, err
	}
	items := make([]any, rows.Len())
	for i := range items {
		items[i] = rows.Row(i)
	}
	return items, true, nil
}

// Numbers is Iterate, but of an array of numpy that has numbers in it makes the numbers themselves, which takes far
// less. It is for who does not keep their type.
func (w *Budget) Numbers(v any) ([]any, error) {
	if o, ok := v.(*pickle.Object); ok {
		if rows, ok := pickle.NumpyRowsOf(o); ok && rows.Dims() == 1 && strings.IndexByte("iuf", rows.Kind()) >= 0 {
			return w.plainItems(rows)
		}
	}
	return w.Iterate(v)
}

// plainItems are the elements of an array as its method tolist makes them.
func (w *Budget) plainItems(rows *pickle.NumpyRows) ([]any, error) {
	if err := w.MakeEach(rows.Len(), 2*ValueBytes); err != nil {
		return nil, err
	}
	items := make([]any, rows.Len())
	for i := range items {
		v, ok := rows.Item(i)
		if !ok {
			return nil, typeError("an array whose elements have no plain form")
		}
		items[i] = v
	}
	return items, nil
}
