package server

import "mpbridge/internal/printable"

// cut shortens a text to maxText characters, on one line: no object makes another's line.
func cut(text string) string {
	text = printable.Line(text, 4*maxText)
	n := 0
	for i := range text {
		if n++; n > maxText {
			return text[:i]
		}
	}
	return text
}

// maxText is how many bytes of an object's text are told: debug_info in CPython has as many.
const maxText = 75
