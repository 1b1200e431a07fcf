package spawn

import (
	"strings"

	"mpbridge/pickle"
)

// spelled is the name of a function of Python's as Targets have it.
func spelled(g pickle.Global) string { return g.Module + ":" + g.Name }

// dotted tells whether s is names joined by dots.
func dotted(s string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || strings.ContainsAny(part, " \t\r\n\x00:/\\\"'()[]{}") {
			return false
		}
	}
	return true
}

// targetName tells whether Python can have a function of that name.
func targetName(name string) bool {
	module, name, qualified := strings.Cut(name, ":")
	if !qualified {
		return dotted(module)
	}
	return dotted(module) && dotted(name)
}
