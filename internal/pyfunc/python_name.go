package pyfunc

import (
	"slices"
	"strings"
)

// IsName tells whether every Python can use text as the name of a method or parameter.
func IsName(text string) bool {
	for i, r := range text {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return text != "" && !slices.Contains(pythonKeywords, text)
}

// pythonKeywords are the lower-case keywords of Python 2.7 and 3. AutoProxy writes a def for each
// method, so that one of these would break the proxy of the whole object.
var pythonKeywords = strings.Fields(`
	and as assert async await break class continue def del elif else except exec finally for from
	global if import in is lambda nonlocal not or pass print raise return try while with yield`)
