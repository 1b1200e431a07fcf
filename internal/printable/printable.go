// Package printable makes what somebody else named fit to be shown: a client's name, a class, the text of an exception
// may hold escape sequences that a terminal obeys, line ends that make lines of their own, and marks that turn the
// direction of writing round. What is not printable is shown by its number instead, as in \u001b; bytes that are no
// UTF-8 are shown as in \xff.
package printable

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const hex = "0123456789abcdef"

// cut stands for what was left out.
const cut = "…"

// Line returns s as one line of at most limit bytes, and a mark where it was longer.
func Line(s string, limit int) string {
	if len(s) <= limit && clean(s, "") {
		return s
	}
	b, whole := appendShown(nil, s, limit, "")
	if !whole {
		b = append(b, cut...)
	}
	return string(b)
}

// Lines is Line for a text that may have several lines.
func Lines(s string, limit int) string {
	b, whole := appendShown(nil, s, limit, "\n\t")
	if !whole {
		b = append(b, cut...)
	}
	return string(b)
}

// Text is Lines for what the program says between lines of its own. Those that follow the first are indented, so that none of them can be
// taken for a line that the program itself says.
func Text(s string, limit int) string {
	s = strings.TrimRight(s, "\n")
	if len(s) <= limit && clean(s, "\t") {
		return s
	}
	return Lines(strings.ReplaceAll(s, "\n", "\n  "), limit)
}

// clean tells whether there is nothing to change.
func clean(s, but string) bool {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !shown(r, n, but) {
			return false
		}
		i += n
	}
	return true
}

// shown tells whether a character of n bytes is shown as it is. The space is the only one of its kind: others look the
// same and are not.
func shown(r rune, n int, but string) bool {
	return unicode.IsPrint(r) && (r != utf8.RuneError || n > 1) || strings.ContainsRune(but, r)
}

// appendShown appends as much of s as makes limit bytes; false means that this is not all.
func appendShown(dst []byte, s string, limit int, but string) ([]byte, bool) {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		before := len(dst)
		if shown(r, n, but) {
			dst = append(dst, s[i:i+n]...)
		} else if r == utf8.RuneError && n == 1 {
			dst = append(dst, '\\', 'x', hex[s[i]>>4], hex[s[i]&15])
		} else {
			dst = appendEscape(dst, r)
		}
		if len(dst) > limit {
			return dst[:before], false
		}
		i += n
	}
	return dst, true
}

// appendEscape appends a character in the spelling of JSON.
func appendEscape(dst []byte, r rune) []byte {
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		return appendEscape(appendEscape(dst, high), low)
	}
	return append(dst, '\\', 'u', hex[r>>12], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
