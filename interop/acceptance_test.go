package interop_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mpbridge/internal/dice"
	"mpbridge/interop"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// acceptancePickles is how many pickles are generated; the variable asks for more.
const (
	acceptancePickles = 1500
	acceptanceEnv     = "MPBRIDGE_ACCEPTANCE"
)

// acceptors are the versions whose unpicklers differ in what they take.
var acceptors = []interop.Version{
	{Major: 2, Minor: 7}, {Major: 3, Minor: 6}, {Major: 3, Minor: 8}, {Major: 3, Minor: 11},
	{Major: 3, Minor: 13}, {Major: 3, Minor: 15},
}

// TestWhatAPythonUnpicklesIsDecoded compares what is taken for a pickle, opcode by opcode, with what the unpicklers
// of Python take: what one of them takes is taken, what all of them refuse is refused, but for what is on the list.
func TestWhatAPythonUnpicklesIsDecoded(t *testing.T) {
	t.Parallel()
	docs := specimens()
	m := maker{Rand: dice.New(t)}
	for range acceptanceCount(t) {
		docs = append(docs, m.pickle())
	}
	verdicts := acceptedBy(t, docs)
	for i, doc := range docs {
		var v any
		err := pickle.Unmarshal(doc, &v)
		c := comparison{doc: doc, err: err, said: verdicts[i]}
		if !c.agrees() && !c.explained() {
			t.Errorf("%q: %v, and Python: %q", doc, err, c.said)
		}
		_, cut := pickle.ParseRaw(doc)
		if err == nil {
			assert.NoError(t, cut, "%q is decoded, and must be taken unopened, too", doc)
		}
	}
}

func acceptanceCount(t *testing.T) int {
	text := os.Getenv(acceptanceEnv)
	if text == "" {
		return acceptancePickles
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, acceptanceEnv)
	return n
}

// acceptedBy asks each version what it thinks of each pickle: "", or the exception.
func acceptedBy(t *testing.T, docs [][]byte) [][]string {
	t.Helper()
	out := make([][]string, len(docs))
	for _, v := range acceptors {
		peer := startPeer(t, needPython(t, v), "acceptor.py")
		const batch = 500
		for at := 0; at < len(docs); at += batch {
			part := docs[at:min(at+batch, len(docs))]
			said := ask[[]string](t, peer, map[string]any{"pickles": part})
			require.Len(t, said, len(part))
			for i, text := range said {
				out[at+i] = append(out[at+i], text)
			}
		}
	}
	return out
}

// comparison is one pickle, and what we and the Pythons say of it.
type comparison struct {
	doc  []byte
	err  error
	said []string // by acceptors
}

func (c *comparison) agrees() bool {
	taken := false
	for _, text := range c.said {
		taken = taken || text == ""
	}
	return taken == (c.err == nil)
}

// explained tells whether the list has a reason for the answers to differ.
func (c *comparison) explained() bool {
	if c.err == nil {
		return c.refusalsExplained()
	}
	for _, d := range takenThere {
		if strings.Contains(c.err.Error(), d.ours) && (!d.only2 || c.only2()) {
			return true
		}
	}
	return false
}

// refusalsExplained tells whether each Python has a reason to refuse what is taken here, and not all of them one that
// other Pythons do not have.
func (c *comparison) refusalsExplained() bool {
	met := make(map[int]bool)
	for _, said := range c.said {
		part := func(text string) bool { return strings.Contains(said, text) }
		switch some := slices.IndexFunc(refusedBySome, part); {
		case some >= 0:
			met[some] = true
		case isAged(said) || slices.ContainsFunc(refusedThere, func(d refusal) bool { return part(d.theirs) }):
			met[-1] = true
		default:
			return false
		}
	}
	return met[-1] || len(met) > 1
}

// isAged tells whether a Python refuses a pickle because it is older than an opcode or a protocol.
func isAged(said string) bool {
	return strings.Contains(said, "invalid load key") || strings.Contains(said, "unsupported pickle protocol")
}

// only2 tells whether Python 2 alone takes the pickle.
func (c *comparison) only2() bool {
	for i, said := range c.said {
		if (said == "") != (acceptors[i].Major == 2) {
			return false
		}
	}
	return true
}

// taking is something that a Python takes and that is refused here, with such an error.
type taking struct {
	ours   string
	only2  bool // by Python 2 alone
	reason string
}

var takenThere = []taking{
	{"the result of a call is thrown away", false, "a graph of values cannot hold it"},
	{"the object has a state already", false, "a graph of values cannot hold it"},
	{"the value below takes no elements", false, "elements after the state, of a set that is made by a call, of a bytearray"},
	{"the value below takes no pairs", false, "pairs after the state, elements of a list by their index"},
	{"the value below takes no state", false, "attributes of classes and functions are not set"},
	{"out-of-band buffers are not supported", false, "READONLY_BUFFER of a bytearray is a memoryview"},
	{"malformed number", false, "Python reads a number up to a zero byte"},
	{"frame", false, "frames are those that Python 3.14 takes, and pickle.py always did"},
	{"stack underflow", true, "Python 2 takes values from below a mark"},
	{"no value to memoize", true, "Python 2 takes values from below a mark"},
	{"odd number of keys and values", true, "Python 2 drops a key without a value"},
	{"malformed memo number", true, "Python 2 has texts for numbers"},
	{"string is not quoted", true, "Python 2 takes bytes of 128 and more for blanks"},
	{"not UTF-8", true, "names are text"},
}

// refusal is why all Pythons refuse what is taken here.
type refusal struct{ theirs, reason string }

var refusedThere = []refusal{
	{"persistent", "a persistent id becomes an object"},
	{"unregistered extension code", "an extension code becomes an object"},
	{"Anything", "nothing is known of the classes of others"},
	{"Plain", "nothing is known of the classes of others"},
	{"state is not a dictionary", "a class may have a __setstate__"},
	{"NEWOBJ class argument", "nothing is known of what is made by a call"},
	{"ImportError", "nothing is imported"},
	{"MemoryError", "a memo number takes no memory"},
}

// refusedBySome are refusals of some versions, of what others take: underscores in numbers, prefixes of numbers,
// blanks behind a STRING, byte strings that are not ASCII, APPENDS without an element, a GET of 0 that was PUT as 00.
var refusedBySome = []string{
	"could not convert string to int", "invalid literal for", "must be quoted", "UnicodeDecodeError",
	"BadPickleGet",
	"has no attribute 'append'", "has no attribute 'add'", "missing 1 required positional argument: 'items'",
}
