package interop_test

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mpbridge/internal/testing/testpython"
	"mpbridge/interop"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/require"
)

// peers has the scripts that interpreters run, some of which import one another.
const peers = "../../interop/testdata/peers/"

// valuesCase is what an interpreter says of a few values, by question.
type valuesCase struct {
	Pickles  [][]byte
	Features []string
	Answers  map[string]string // a byte per character
}

// departure is a difference between package values and an interpreter that is meant.
type departure struct {
	pythons  func(v interop.Version) bool
	question string // regular expressions
	answer   string // Python's
	features string // of the values, sorted
	reason   string
}

func every(interop.Version) bool { return true }

func python2(v interop.Version) bool { return v.Major == 2 }

func before(minor int) func(interop.Version) bool {
	return func(v interop.Version) bool { return v.Major == 2 || v.Minor < minor }
}

var departures = []departure{
	{every, `[=<>!]=?|in.*|.*scending`, ``, `exception`,
		"objects that cannot be opened are equal if their content is"},
	{every, `repr|str|list`, ``, `unordered`, "sets keep the order in which they were pickled"},
	{every, `repr|str|list`, ` at 0x`, ``, "addresses are made up"},
	{every, `[=<>!]=?|in.*|hash`, `RecursionError`, ``,
		"what has itself in it is compared where its depth does not matter"},
	{every, `hash`, `None`, `exception`, "the content of objects that cannot be opened is their key"},
	{every, `.*scending`, ``, `long, .*without total order`,
		"only up to 63 elements are compared with each other in Python's order"},
	{every, `[=<>!]=?|.*scending`, ``, `array.*bytearray`,
		"the memory of an array is not compared with a bytearray"},
	{every, `bool`, `NotImplemented should`, ``, "truth has no errors"},

	{python2, `.*`, ``, `short long`, "a long that fits into an int is an int after pickling"},
	{before(15), `slice`, `integers or None or have`, ``, "the text is that of 3.15"},
	{before(15), `[<>]=?`, `'dict' and 'dict'`, ``, "namespaces are compared as dicts"},
	{before(15), `repr|str|list`, `bytearray\(b".*\\'`, ``, "single quotes are escaped always"},
	{before(14), `in|in set`, `^TypeError: `, ``, "newer texts name the key"},
	{before(13), `.*scending`, ``, `without total order`, "runs are found in another way"},
	{before(12), `hash|in|in set`, `slice`, ``, "slices cannot be hashed"},
	{before(12), `repr|str|list`, `OrderedDict\(\[`, ``, "shows a list of pairs"},
	{before(11), `string`, `integers$`, ``, "does not name the type"},
	{before(10), `[=<>!]=?`, ``, `Counter`, "Counters have no order, and counts of 0 matter"},
	{before(13), `[<>]=?`, `^TypeError: can't compare datetime.datetime`, ``, "another text"},
	{before(10), `pop`, `argument expected, got float`, ``, "floats had a text of their own"},
	{before(7), `repr|str|list`, `datetime.timedelta\(-?[0-9]`, ``, "the parts have no names"},
	{before(7), `repr|str|list`, `,\)`, `exception`, "a single argument ends in a comma"},
}

// depart returns whether a difference is on the list.
func depart(py interop.Python, c valuesCase, question string) bool {
	return slices.ContainsFunc(departures, func(d departure) bool {
		return d.pythons(py.Profile.Version) &&
			regexp.MustCompile("^("+d.question+")$").MatchString(question) &&
			regexp.MustCompile(d.answer).MatchString(c.Answers[question]) &&
			regexp.MustCompile(d.features).MatchString(strings.Join(c.Features, ", "))
	})
}

// TestValuesDoWhatPythonDoes asks interpreters and package values the same of generated values.
func TestValuesDoWhatPythonDoes(t *testing.T) {
	questions := map[string]func(*testing.T, values.ReprStyle, []any) map[string]string{
		"pairs": askPair, "sorts": askSort, "slices": askSlices,
	}
	for _, version := range []string{"2.7", "3.6", "3.15"} {
		t.Run("py"+version, func(t *testing.T) {
			t.Parallel()
			v, err := interop.ParseVersion(version)
			require.NoError(t, err)
			py := testpython.Need(t, v)
			peer := testpython.Start(t, py, peers+"values.py")
			for name, f := range questions {
				if v.Major > 2 || name == "pairs" {
					compareValues(t, py, peer, name, f)
				}
			}
		})
	}
}

const (
	valuesCases = 3000
	valuesBatch = 250
)

func compareValues(t *testing.T, py interop.Python, peer *interop.Peer, name string,
	questions func(*testing.T, values.ReprStyle, []any) map[string]string) {
	t.Helper()
	style := values.ReprStyle{Python2: py.Profile.Version.Major == 2}
	for seed := 0; seed < valuesCases; seed += valuesBatch {
		cases := testpython.Ask[[]valuesCase](t, peer,
			map[string]any{"op": name, "seed": seed, "count": valuesBatch})
		require.Len(t, cases, valuesBatch)
		for i, c := range cases {
			for _, line := range disagreements(py, c, questions(t, style, load(t, c))) {
				t.Errorf("%s %d: %s\n%s", name, seed+i, line, shown(t, c))
			}
		}
	}
}

func load(t *testing.T, c valuesCase) []any {
	t.Helper()
	vs := make([]any, len(c.Pickles))
	for i, doc := range c.Pickles {
		require.NoError(t, pickle.Unmarshal(doc, &vs[i]), "%q", doc)
	}
	return vs
}

func shown(t *testing.T, c valuesCase) string {
	t.Helper()
	var lines []string
	for _, v := range load(t, c) {
		text, err := values.Repr(v, values.ReprStyle{})
		lines = append(lines, fmt.Sprintf("  %.500s %v", text, err))
	}
	return strings.Join(lines, "\n")
}

// disagreements are the questions that the two answer differently.
func disagreements(py interop.Python, c valuesCase, got map[string]string) (out []string) {
	for question, want := range c.Answers {
		raw := []byte{}
		for _, r := range want {
			raw = append(raw, byte(r))
		}
		answer, asked := got[question]
		if asked && answer != string(raw) && !depart(py, c, question) {
			out = append(out, fmt.Sprintf("%s\n  want %.300q\n  got  %.300q", question, raw, answer))
		}
	}
	return out
}

// say is an answer as the interpreter gives it.
func say[T any](v T, err error) string {
	var exc *values.Error
	if errors.As(err, &exc) {
		if exc.Class == "RecursionError" || exc.Class == "MemoryError" {
			return exc.Class
		}
		return strings.TrimPrefix(exc.Error(), "decimal.")
	}
	if text, ok := any(v).(string); ok {
		return text
	}
	text, _ := values.Repr(any(v), values.ReprStyle{})
	return text
}

func askPair(_ *testing.T, style values.ReprStyle, vs []any) map[string]string {
	a, b := vs[0], vs[1]
	out := map[string]string{"repr": say(values.Repr(a, style)), "str": say(values.Str(a, style))}
	if style.Python2 {
		return out
	}
	out["bool"] = say(values.Truth(a), nil)
	_, err := values.KeyFor(a, values.Hash)
	out["hash"] = say[any](nil, err)
	out["in"] = say(among(a, b, values.DictKey, values.DictKey))
	out["in set"] = say(among(a, b, values.SetLookup, values.SetElement))
	items, err := values.Iterate(a)
	out["list"] = say[any](&pickle.List{Items: items}, err)
	for op := values.LT; op <= values.GE; op++ {
		out[op.String()] = say(values.Compare(op, a, b))
	}
	return out
}

// among reports whether a is in a dict or set that holds b alone.
func among(a, b any, lookup, element values.KeyUse) (bool, error) {
	have, err := values.KeyFor(b, element)
	if err != nil {
		return false, err
	}
	wanted, err := values.KeyFor(a, lookup)
	return err == nil && wanted == have, err
}

func askSort(t *testing.T, _ values.ReprStyle, vs []any) map[string]string {
	t.Helper()
	items := vs[0].(*pickle.List).Items
	out := map[string]string{}
	for name, reverse := range map[string]bool{"ascending": false, "descending": true} {
		order, err := values.SortedPermutation(items, reverse)
		places := make([]any, len(order))
		for i, at := range order {
			places[i] = int64(at)
		}
		out[name] = say[any](&pickle.List{Items: places}, err)
	}
	return out
}

func askSlices(_ *testing.T, _ values.ReprStyle, vs []any) map[string]string {
	part := vs[0].(pickle.Tuple)
	start, _, step, count, err := values.SliceIndices(
		pickle.Slice{Start: part[0], Stop: part[1], Step: part[2]}, int(vs[1].(int64)))
	places := make([]any, count)
	for i := range count {
		places[i] = int64(start + i*step)
	}
	out := map[string]string{"slice": say[any](&pickle.List{Items: places}, err)}
	n, err := values.Ssize(vs[2])
	out["pop"] = say[any](big.NewInt(int64(n)), err)
	for _, name := range []string{"list", "tuple", "byte", "string", "bytearray", "array"} {
		n, err := values.Index(vs[2], name)
		out[name] = say[any](big.NewInt(int64(n)), err)
	}
	return out
}
