package pickle

import (
	"maps"
	"slices"
)

// Kwargs are the keyword arguments of a call of a Python function, given as the last argument.
type Kwargs map[string]any

// Names returns the names in a fixed order.
func (k Kwargs) Names() []string { return slices.Sorted(maps.Keys(k)) }

// SplitKwargs returns the positional arguments of a call and its keyword arguments, which are the last
// of args if that is of type Kwargs.
func SplitKwargs(args []any) ([]any, Kwargs) {
	if n := len(args); n > 0 {
		if kwargs, ok := args[n-1].(Kwargs); ok {
			return args[:n-1], kwargs
		}
	}
	return args, nil
}
