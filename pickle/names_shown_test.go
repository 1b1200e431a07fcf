package pickle_test

import (
	"strings"
	"testing"

	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
)

// TestANameInAPickleIsShownOnOneShortLine: a class can be called anything.
func TestANameInAPickleIsShownOnOneShortLine(t *testing.T) {
	name := pickle.Global{Module: "m\x1b[2J\n", Name: "C\u202e" + strings.Repeat("x", 10_000)}
	for _, v := range []any{name, &pickle.Object{Kind: pickle.Reduce, Class: name, Args: pickle.Tuple{}}} {
		text := pickle.TypeName(v)
		assert.Contains(t, text, `m\u001b[2J\u000a.C\u202exxx`)
		assert.Less(t, len(text), 300)
	}
	text := (&pickle.Object{Kind: pickle.Reduce, Class: name, Args: pickle.Tuple{}}).String()
	assert.Contains(t, text, `m\u001b[2J\u000a.C\u202exxx`)
}
