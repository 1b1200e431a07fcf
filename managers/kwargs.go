package managers

import (
	"maps"
	"slices"
)

// Kwargs are the keyword arguments of a call, given as its last argument.
type Kwargs map[string]any

// Names returns the names in a fixed order.
func (k Kwargs) Names() []string { return slices.Sorted(maps.Keys(k)) }
