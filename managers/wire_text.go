package managers

import (
	"math"

	"mpbridge/pickle"
)

// text decodes an argument that must be a string.
func text(r pickle.Raw) (string, error) {
	v, err := r.Any()
	if err != nil {
		return "", err
	}
	if s, ok := pickle.Text(v); ok {
		return s, nil
	}
	return "", Raise(ErrTypeError, "a str is required, not "+pickle.TypeName(v))
}

// tracebackOf is a traceback that shows its last line alone.
func tracebackOf(line string) string { return "Traceback (most recent call last):\n" + line + "\n" }

var python2Server = pickle.Dialect{Protocol: 2, NativeBytes: true}

// The dialects in which a server is spoken to: one that every Python 3 reads, and Python 2's.
var (
	python3Server = pickle.Dialect{Protocol: 3}
)

// smallMessage is the size of the buffer that requests are read into. A longer request gets a buffer
// of its own, which an item taken from it keeps.
const smallMessage = 1 << 10

const shortFrames = math.MaxInt32
