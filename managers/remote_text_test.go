package managers_test

import (
	"strings"
	"testing"

	"mpbridge/managers"

	"github.com/stretchr/testify/assert"
)

// TestAnErrorShowsLittleOfAManagersWordsAndNoneAsTheyAre: the fields have them all.
func TestAnErrorShowsLittleOfAManagersWordsAndNoneAsTheyAre(t *testing.T) {
	words := "\x1b[2J\u202e\xff" + strings.Repeat("x", 100_000)
	for _, e := range []*managers.RemoteError{
		{Method: "get", Exception: managers.ErrValueError.New(words)},
		{Method: "get", Kind: "#TRACEBACK", Text: "Traceback:\n" + words},
		{Method: "get", Kind: "#UNSERIALIZABLE", Text: words},
	} {
		text := e.Error()
		assert.Contains(t, text, `\u001b[2J\u202e\xffxxx`)
		assert.Less(t, len(text), 5000)
	}
}
