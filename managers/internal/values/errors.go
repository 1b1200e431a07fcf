package values

import "fmt"

// Error is an exception that Python would raise.
type Error struct {
	Class string // the name of a built-in class, or with its module: "decimal.InvalidOperation"
	Text  string // its only argument; empty where Python gives none
}

// Error returns class and text as the last line of a traceback shows them.
func (e *Error) Error() string {
	if e.Text == "" {
		return e.Class
	}
	return e.Class + ": " + e.Text
}

func raise(class, format string, args ...any) *Error {
	return &Error{class, fmt.Sprintf(format, args...)}
}

func typeError(format string, args ...any) *Error { return raise("TypeError", format, args...) }

const (
	// maxDepth is how deep values may nest: sys.getrecursionlimit() is the same by default.
	maxDepth = 1000

	// maxText is how many bytes a repr may have, which may be exponentially longer than its value.
	maxText = 1 << 28

	// maxKey is how many bytes may tell a key from others.
	maxKey = 1 << 24
)

func tooDeep() error { return raise("RecursionError", "maximum recursion depth exceeded") }

// tooLong says which limit a repr met: maxText, or what the caller allowed.
func tooLong(limit int) error { return raise("MemoryError", "a repr takes more than %d bytes", limit) }

func keyTooLong() error { return raise("MemoryError", "a key takes more than %d bytes", maxKey) }
