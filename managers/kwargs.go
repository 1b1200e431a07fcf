package managers

import (
	"maps"
	"slices"
)

// Kwargs are the keyword arguments of a call, given as its last argument.
type Kwargs map[string]any

// names returns the names in a fixed order.
func (k Kwargs) names() []string { return slices.Sorted(maps.Keys(k)) }
