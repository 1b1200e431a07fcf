package interop_test

import (
	"slices"
	"strings"

	"mpbridge/interop"
)

// difference is a departure from CPython that is meant.
type difference struct {
	python string // the versions it shows in: a prefix, "" for all
	label  string // part of the test's label
	reason string
}

var differences = []difference{
	{"2.7", "classes of Python 2", "a Global is spelled as in Python 3, which has one name for int and " +
		"long, and one for str, unicode and basestring; what passes unopened keeps its name"},
	{"2.7", "subclass of unicode", "below protocol 2 the base class is a name, for which the same holds"},
}

// known tells whether a label is on the list.
func known(py interop.Python, label string) bool {
	for _, d := range differences {
		if strings.HasPrefix(py.Profile.Version.String(), d.python) && strings.Contains(label, d.label) &&
			!strings.HasSuffix(label, "unopened") {
			return true
		}
	}
	return false
}

// departingTest is a test of CPython that does not pass against our server.
type departingTest struct {
	python string // the versions: a prefix, "" for all
	test   string // a prefix of its name
	reason string
}

var departingTests = []departingTest{
	{"", "WithManagerTestBarrier.test_action", "Barrier(action=...) is a function that the server would call: " +
		"NotImplementedError says so"},
}

// departs tells whether a test of CPython is on the list.
func departs(py interop.Python, test string) bool {
	return slices.ContainsFunc(departingTests, func(d departingTest) bool {
		return strings.HasPrefix(py.Profile.Version.String(), d.python) && strings.HasPrefix(test, d.test)
	})
}
