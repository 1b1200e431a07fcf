package jsonvalue_test

import (
	"context"
	"encoding/json"
	"io"
	"testing"

	"mpbridge/internal/jsonvalue"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// parts is what a writer with references writes: a value, and what nests too deep in it.
type parts struct{ value any }

func writeParts(t *testing.T, v any) string {
	t.Helper()
	return write(t, &jsonvalue.Writer{Refs: true, Foreign: func(v any) (string, []jsonvalue.Member, bool) {
		p, ok := v.(*parts)
		if !ok {
			return "", nil, false
		}
		return "parts", []jsonvalue.Member{{Name: "value", Value: p.value}, {Name: "deeper", Value: jsonvalue.Deeper{}}}, true
	}}, &parts{v})
}

func TestWithReferencesWhatIsSharedIsWrittenOnce(t *testing.T) {
	l := list("a")
	assert.JSONEq(t, `{"__class__":"parts","value":[{"__class__":"shared","id":1,"value":["a"]},{"__class__":"ref","id":1}]}`,
		writeParts(t, list(l, l)))
}

// TestWithReferencesWhatNestsTooDeepIsWrittenElsewhere: a program that hides under 100,000 lists is seen, and so is one
// that is met there first and then where it is not deep.
func TestWithReferencesWhatNestsTooDeepIsWrittenElsewhere(t *testing.T) {
	call := &pickle.Object{Class: pickle.Global{Module: "os", Name: "system"}, Args: pickle.Tuple{"hidden"}}
	var v any = list(call)
	for range 100_000 {
		v = list(v)
	}
	text := writeParts(t, list(v, list(call)))
	assert.Contains(t, text, `"__class__":"os.system","args":["hidden"]`)
	open, most := 0, 0
	for _, c := range text {
		switch c {
		case '[', '{':
			open++
			most = max(most, open)
		case ']', '}':
			open--
		}
	}
	assert.Less(t, most, 4100)
	assert.True(t, json.Valid([]byte(text)))
	assert.Less(t, len(text), 300_000)
}

func TestWithoutReferencesWhatNestsTooDeepIsAnError(t *testing.T) {
	var v any
	for range 5000 {
		v = list(v)
	}
	require.ErrorIs(t, (&jsonvalue.Writer{}).Write(context.Background(), io.Discard, v), jsonvalue.ErrTooDeep)
}
