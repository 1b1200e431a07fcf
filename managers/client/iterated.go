package client

import (
	"mpbridge/managers/values"
	"mpbridge/pickle"
)

// iterated returns the elements of an iterator that came as a value.
func iterated(v any) ([]any, bool) {
	o, ok := v.(*pickle.Object)
	if !ok || !o.IsA("builtins", "iter") {
		return nil, false
	}
	items, err := values.Iterate(o)
	return items, err == nil
}
