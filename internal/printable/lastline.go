package printable

import "strings"

// LastLine returns the last line of a text, for a traceback the one that names the exception.
func LastLine(s string) string {
	s = strings.TrimRight(s, "\n")
	return s[strings.LastIndexByte(s, '\n')+1:]
}
