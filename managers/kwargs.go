package managers

import (
	"maps"
	"slices"
)

// Kwargs are the keyword arguments of a call, given as its last argument.
type Kwargs map[string]any

// names returns the names in a fixed order.
func (k Kwargs) names() []string { return slices.Sorted(maps.Keys(k)) }

// splitKwargs takes the keyword arguments off the end of a call's arguments.
func splitKwargs(args []any) ([]any, Kwargs) {
	if n := len(args); n > 0 {
		if k, ok := args[n-1].(Kwargs); ok {
			return args[:n-1], k
		}
	}
	return args, nil
}
