package values_test

import (
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newObj is an object that a class's __new__ makes of arguments, and that gets a state.
func newObj(module, name string, state any, args ...any) *pickle.Object {
	return &pickle.Object{
		Kind: pickle.NewObj, Class: class(module, name), Args: pickle.Tuple(args), State: state, HasState: state != nil,
	}
}

func reconstructed(module, name, base string, value any) *pickle.Object {
	return call("copyreg", "_reconstructor", class(module, name), class("builtins", base), value)
}

// shownByName is what repr() says of what is known by its name, and of what is known by its form alone.
var shownByName = []struct {
	value any
	text  string
}{
	{call("http", "HTTPStatus", int64(404)), "<HTTPStatus.NOT_FOUND: 404>"},
	{call("http", "HTTPMethod", "GET"), "<HTTPMethod.GET>"},
	{call("pstats", "SortKey", "calls"), "<SortKey.CALLS: 'calls'>"},
	{call("uuid", "SafeUUID", nil), "<SafeUUID.unknown: None>"},
	{call("calendar", "Day", int64(0)), "calendar.MONDAY"},
	{call("re", "RegexFlag", int64(2)), "re.IGNORECASE"},
	{call("re", "RegexFlag", int64(2|8|1<<20)), "re.IGNORECASE|re.MULTILINE|0x100000"},
	{call("socket", "MsgFlag", int64(3)), "<MsgFlag.MSG_OOB|MSG_PEEK: 3>"},
	{call("socket", "MsgFlag", int64(0)), "<MsgFlag: 0>"},
	{class("signal", "SIGINT"), "<Signals.SIGINT: 2>"},
	{class("http", "HTTPStatus.OK"), "<HTTPStatus.OK: 200>"},
	{call("http", "HTTPStatus", int64(999)), "HTTPStatus(999)"},
	{class("app", "Color.RED"), "<Color.RED>"},
	{class("app", "Color.Shade"), "<class 'app.Color.Shade'>"},
	{call("app", "Color", int64(1)), "Color(1)"},

	{newObj("urllib.parse", "DefragResult", nil, "a", "b"), "DefragResult(url='a', fragment='b')"},
	{newObj("doctest", "TestResults", pickle.NewDict("skipped", int64(0)), int64(1), int64(2)),
		"TestResults(failed=1, attempted=2)"},
	{call("os", "terminal_size", pickle.Tuple{int64(80), int64(24)}, pickle.NewDict()),
		"os.terminal_size(columns=80, lines=24)"},
	{reconstructed("difflib", "Match", "tuple", pickle.Tuple{int64(1), int64(2), int64(3)}), "Match(a=1, b=2, size=3)"},
	{newObj("app", "Point", nil, int64(1), "a"), "Point(1, 'a')"},
	{reconstructed("app", "Point", "tuple", pickle.Tuple{int64(1), int64(2)}), "Point(1, 2)"},

	{newObj("app", "Item", pickle.NewDict("name", "a", "price", 1.5)), "Item(name='a', price=1.5)"},
	{newObj("app", "Outer.Item", pickle.NewDict("name", "a")), "Outer.Item(name='a')"},
	{newObj("app", "Slots", pickle.Tuple{nil, pickle.NewDict("x", int64(1))}), "Slots(x=1)"},
	{newObj("app", "Frozen", list(int64(1), nil)), "Frozen(1, None)"},
	{reconstructed("app", "L", "list", list(int64(1))), "[1]"},
	{reconstructed("app", "Id", "int", int64(1)), "1"},
	{newObj("app", "Id", nil, int64(1)), "1"},
	{newObj("app", "Name", pickle.NewDict("more", int64(1)), "it's"), `"it's"`},
	{newObj("app", "T", nil, pickle.Tuple{int64(1)}), "(1,)"},
	{&pickle.Object{Kind: pickle.NewObj, Class: class("app", "L"), Args: pickle.Tuple{}, Items: []any{"a"}}, "['a']"},
	{&pickle.Object{Kind: pickle.NewObj, Class: class("app", "D"), Args: pickle.Tuple{},
		Pairs: []pickle.Pair{{Key: "a", Value: int64(1)}}}, "{'a': 1}"},

	{berlin(), "zoneinfo.ZoneInfo(key='Europe/Berlin')"},
	{call("datetime", "datetime", []byte("\x07\xea\x8a\x19\x02\x1e\x01\x00\x00\x00"), berlin()),
		"datetime.datetime(2026, 10, 25, 2, 30, 1, fold=1, tzinfo=zoneinfo.ZoneInfo(key='Europe/Berlin'))"},
	{call("datetime", "time", []byte("\x01\x02\x00\x00\x00\x00"), berlin()),
		"datetime.time(1, 2, tzinfo=zoneinfo.ZoneInfo(key='Europe/Berlin'))"},
}

func TestReprKnowsTheStandardLibraryAndTheFormsOfOthers(t *testing.T) {
	for _, c := range shownByName {
		text, err := values.Repr(list(c.value), python3)
		require.NoError(t, err)
		assert.Equal(t, "["+c.text+"]", text)
	}
}

func TestTheFlagsOfReLookAsOthersBefore38(t *testing.T) {
	old := values.ReprStyleFor(pickle.Dialect{Protocol: 3})
	text, err := values.Repr(call("re", "RegexFlag", int64(2)), old)
	require.NoError(t, err)
	assert.Equal(t, "<RegexFlag.IGNORECASE: 2>", text)
}

func TestAnOrderedDictIsAListOfPairsBefore38(t *testing.T) {
	text, err := values.Repr(orderedDict("a", int64(1)), values.ReprStyleFor(pickle.Dialect{Protocol: 3}))
	require.NoError(t, err)
	assert.Equal(t, "OrderedDict([('a', 1)])", text)
}

func TestAnObjectWithAttributesOfPython2HasAnAddress(t *testing.T) {
	text, err := values.Repr(newObj("app", "Item", pickle.NewDict("name", "a")), python2)
	require.NoError(t, err)
	assert.Regexp(t, `^<app.Item object at 0x[0-9a-f]+>$`, text)
}

func TestAnObjectThatIsItsOwnAttributeIsShownAsDots(t *testing.T) {
	o := newObj("app", "Item", pickle.NewDict())
	require.NoError(t, o.State.(*pickle.Dict).Set("me", o))
	text, err := values.Repr(o, python3)
	require.NoError(t, err)
	assert.Equal(t, "Item(me=...)", text)
}

func TestAnAttributeThatIsNoNameIsNotShownAsOne(t *testing.T) {
	text, err := values.Repr(newObj("app", "Item", pickle.NewDict("a=1, b", "x")), python3)
	require.NoError(t, err)
	assert.Regexp(t, `^<app.Item object at `, text)
}

func TestStrOfATimeInAPlace(t *testing.T) {
	text, err := values.Str(call("datetime", "datetime", []byte("\x07\xea\x8a\x19\x02\x1e\x01\x00\x00\x00"), berlin()), python3)
	require.NoError(t, err)
	assert.Equal(t, "2026-10-25 02:30:01+01:00", text)
	text, err = values.Str(berlin(), python3)
	require.NoError(t, err)
	assert.Equal(t, "Europe/Berlin", text)
}
