package pyfunc

import (
	"slices"
	"strings"
	"unicode"
)

// Snake returns the Python spelling of a Go name: HTTPServer is http_server, GetURL is get_url, IDs
// is ids. What Python could not write as a name because it is a keyword gets an underscore at its
// end, as PEP 8 has it.
func Snake(name string) string {
	letters := []rune(name)
	var b strings.Builder
	for i, r := range letters {
		if i > 0 && beginsWord(letters, i) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	if slices.Contains(pythonKeywords, b.String()) {
		b.WriteByte('_')
	}
	return b.String()
}

// beginsWord tells whether a word begins at letter i of a Go name, which is not the first.
func beginsWord(letters []rune, i int) bool {
	before := letters[i-1]
	switch {
	case !unicode.IsUpper(letters[i]) || before == '_':
		return false
	case !unicode.IsUpper(before):
		return true
	case i+1 == len(letters) || !unicode.IsLower(letters[i+1]):
		return false
	}
	// The last capital of several begins the next word, unless what follows is the s of a plural.
	plural := letters[i+1] == 's' && (i+2 == len(letters) || unicode.IsUpper(letters[i+2]))
	return !plural
}
