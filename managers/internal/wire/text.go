package wire

import (
	"math"

	"mpbridge/managers"
	"mpbridge/pickle"
)

// Text decodes an argument that must be a string.
func Text(r pickle.Raw) (string, error) {
	v, err := r.Any()
	if err != nil {
		return "", err
	}
	if s, ok := pickle.Text(v); ok {
		return s, nil
	}
	return "", managers.ErrTypeError.New("a str is required, not " + pickle.TypeName(v))
}

// TracebackOf is a traceback that shows its last line alone.
func TracebackOf(line string) string { return "Traceback (most recent call last):\n" + line + "\n" }

// The dialects in which a server is spoken to: one that every Python 3 reads, and Python 2's.
var (
	Python2Server = pickle.Dialect{Protocol: 2, NativeBytes: true}
	Python3Server = pickle.Dialect{Protocol: 3}
)

// SmallMessage is the size of the buffer that requests are read into. A longer request gets a buffer
// of its own, which an item taken from it keeps.
const SmallMessage = 1 << 10

// ShortFrames is the longest message that peers read which do not know the long form of the header.
const ShortFrames = math.MaxInt32
