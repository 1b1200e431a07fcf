package interop_test

import (
	"strings"
	"testing"

	"mpbridge/internal/testing/testpython"
	"mpbridge/interop"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shownValue is a value, and what an interpreter shows of it.
type shownValue struct {
	Label  string
	Pickle []byte
	Repr   string
}

// otherRepr is a repr that differs from ours.
type otherRepr struct {
	pythons func(interop.Version) bool
	label   string // a prefix
	text    string // part of what Python shows
	reason  string
}

var otherReprs = []otherRepr{
	{before(11), "re.RegexFlag of", "", "the order of flags is that of 3.11"},
	{before(11), "socket.", "|", "the order of flags is that of 3.11"},
	{before(11), "", ".0: 0>", "flags without a bit look as in 3.11"},
	{before(13), "http.HTTPStatus", "REQUEST_ENTITY_TOO_LARGE", "3.13 has another name"},
	{before(13), "http.HTTPStatus", "REQUEST_URI_TOO_LONG", "3.13 has another name"},
	{before(13), "http.HTTPStatus", "REQUESTED_RANGE_NOT_SATISFIABLE", "3.13 has another name"},
	{before(13), "http.HTTPStatus", "UNPROCESSABLE_ENTITY", "3.13 has another name"},

	{python2, "os.stat_result", "", "2.7 makes it by a function of its own"},

	{every, "namedtuple", "", "a pickle has no names of fields"},
	{every, "frozen dataclass with slots", "", "a pickle has no names of fields"},
	{every, "enum", "", "a pickle has the value of a member, and no name"},
}

// TestValuesOfTheStandardLibraryLookAsInPython: a server of Python shows enums, namedtuples and zones by their names.
func TestValuesOfTheStandardLibraryLookAsInPython(t *testing.T) {
	compareReprs(t, "library")
}

// TestValuesOfClassesThatNobodyKnowsLookAsTheyMostlyDo: the server of a program that has the classes.
func TestValuesOfClassesThatNobodyKnowsLookAsTheyMostlyDo(t *testing.T) {
	compareReprs(t, "user")
}

func compareReprs(t *testing.T, op string) {
	testpython.Each(t, interop.Version{}, func(t *testing.T, py interop.Python) {
		oracle := testpython.Start(t, py, peers+"reprs.py")
		shown := testpython.Ask[[]shownValue](t, oracle, map[string]any{"op": op})
		require.NotEmpty(t, shown)
		style := values.ReprStyleFor(pickle.Dialect{Protocol: py.Profile.Protocol, NativeBytes: py.Profile.NativeBytes})
		for _, s := range shown {
			if looksOther(py, s) {
				continue
			}
			var v any
			require.NoError(t, pickle.Unmarshal(s.Pickle, &v), s.Label)
			text, err := values.Repr(v, style)
			require.NoError(t, err, s.Label)
			assert.Equal(t, s.Repr, text, s.Label)
		}
	})
}

func looksOther(py interop.Python, s shownValue) bool {
	for _, o := range otherReprs {
		if o.pythons(py.Profile.Version) && strings.HasPrefix(s.Label, o.label) &&
			strings.Contains(s.Repr, o.text) {
			return true
		}
	}
	return false
}
