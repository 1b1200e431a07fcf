package server_test

import (
	"log/slog"
	"strings"
	"testing"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tight are limits that an ordinary request meets nowhere.
var tight = server.Limits{MaxPickleDepth: 16, MaxPickleMemo: 20, MaxPickleValues: 100, MaxIntDigits: 640}

// excesses are values beyond tight, and what the error calls what there is too much of.
var excesses = map[string]struct{ code, what string }{
	"deep": {
		strings.Repeat("(", 17) + strings.Repeat("t", 17), "too many open marks: 17, the limit is 16"},
	"of many notes":  {"(" + strings.Repeat("N\x94", 21) + "t", "too many memo entries: 21, the limit is 20"},
	"of many values": {"(" + strings.Repeat("N", 101) + "t", "too many values: 101, the limit is 100"},
	"a long number":  {"L" + strings.Repeat("9", 642) + "L\n", "too many digits"},
	"a long number in binary": {
		"\x8b\x2c\x01\x00\x00" + strings.Repeat("\x01", 300), "too many bytes of an integer: 300"},
}

// serveTight starts a server with tight limits and something of each kind to send a value to.
func serveTight(t *testing.T) (*client.Client, *log) {
	t.Helper()
	logged := new(log)
	_, at := start(t, server.Options{Limits: tight, Logger: slog.New(slog.NewTextHandler(logged, nil))}, syncManager,
		aShared("a dict", "dict"), aShared("a list", "list"), aShared("a set", "set"), aShared("a Namespace", "Namespace"),
		aShared("a Lock", "Lock"), aShared("an Event", "Event"), aQueue("a queue", queue.Options{Lease: long}),
		aQueue("by priority", queue.Options{Order: queue.Priority, MaxSize: 1}), aValue("adder", adder{}))
	return dial(t, at), logged
}

// adder is a Go value that clients call.
type adder struct{}

func (adder) Add(any) {}

// opened are calls whose argument, which stands at V, the server has to open.
var opened = map[string]struct{ typeid, method, args string }{
	"a key of a dict":              {"a dict", Text("__setitem__"), "(VK\x01t"},
	"a key that is looked up":      {"a dict", Text("get"), "(Vt"},
	"what a dict is updated with":  {"a dict", Text("update"), "(Vt"},
	"what is looked for in a list": {"a list", Text("count"), "(Vt"},
	"an index":                     {"a list", Text("__getitem__"), "(Vt"},
	"an element of a set":          {"a set", Text("add"), "(Vt"},
	"an operand":                   {"a set", Text("__and__"), "(Vt"},
	"an operand on the left":       {"a set", Text("__rand__"), "(Vt"},
	"the name of an attribute":     {"a Namespace", Text("__setattr__"), "(VNt"},
	"a priority":                   {"by priority", Text("put"), "(Vt"},
	"a priority among others":      {"by priority", Text("put_many"), "((Vtt"},
	"the timeout of a queue":       {"by priority", Text("get"), "(\x88Vt"},
	"whether a queue waits":        {"by priority", Text("get"), "(Vt"},
	"the timeout of a lock":        {"a Lock", Text("acquire"), "(\x88Vt"},
	"the timeout of an event":      {"an Event", Text("wait"), "(Vt"},
	"a receipt":                    {"a queue", Text("ack"), "(Vt"},
	"the delay of what is refused": {"a queue", Text("nack"), "(" + Text("0-1:1") + "Vt"},
	"an item that is a proxy":      {"a queue", Text("put"), "((" + proxyCode + "Vtt"},
	"an argument of a Go method":   {"adder", Text("add"), "(Vt"},
	"arguments in a list":          {"a list", Text("append"), "](Ve"},
	"the name of a method":         {"a list", "V", ")"},
}

// proxyCode names the function that makes a proxy, as a pickle of one does.
const proxyCode = "cmultiprocessing.managers\nRebuildProxy\n"

func TestWhatTheServerOpensIsLimited(t *testing.T) {
	for place, o := range opened {
		c, logged := serveTight(t)
		conn := methodsOf(t, c.Address())
		p, err := c.Open(soon(t), o.typeid)
		require.NoError(t, err)
		for name, x := range excesses {
			t.Run(place+", "+name, func(t *testing.T) {
				before := strings.Count(logged.String(), "a pickle met a limit")
				method, args := strings.Replace(o.method, "V", x.code, 1), strings.Replace(o.args, "V", x.code, 1)
				assert.Contains(t, ask(t, conn, request(Text(p.Token().Ident), method, args)), x.what)
				assert.Equal(t, before+1, strings.Count(logged.String(), "a pickle met a limit"))
			})
		}
		_, err = c.NumberOfObjects(soon(t))
		require.NoError(t, err, "another connection goes on")
	}
}

func TestWhatAFunctionOfTheServerOpensIsLimited(t *testing.T) {
	c, logged := serveTight(t)
	for _, function := range []string{
		"create", "incref", "decref", "get_methods", "track_segment", "kill_client",
	} {
		for name, x := range excesses {
			t.Run(function+", "+name, func(t *testing.T) {
				conn, err := connection.Dial(soon(t), c.Address().String(), &connection.DialOptions{Authkey: key})
				require.NoError(t, err)
				defer conn.Close()
				before := strings.Count(logged.String(), "a pickle met a limit")
				assert.Contains(t, ask(t, conn, request("N", Text(function), "("+x.code+"t")), x.what)
				assert.Equal(t, before+1, strings.Count(logged.String(), "a pickle met a limit"))
			})
		}
	}
}

func TestANameBeyondALimitIsNone(t *testing.T) {
	c, logged := serveTight(t)
	conn, err := connection.Dial(soon(t), c.Address().String(), &connection.DialOptions{Authkey: key})
	require.NoError(t, err)
	defer conn.Close()
	named := request("N", Text("accept_connection"), "("+excesses["deep"].code+"t")
	assert.Contains(t, ask(t, conn, named), "#RETURN")
	assert.Contains(t, logged.String(), "a pickle met a limit")
}

func TestALimitOfPicklesIsARuntimeErrorOfTheCall(t *testing.T) {
	c, _ := serveTight(t)
	d, err := c.OpenDict(soon(t), "a dict")
	require.NoError(t, err)
	_, err = d.Call(soon(t), "get", excess(t, "deep"))
	require.ErrorIs(t, err, managers.ErrRuntimeError)
	require.NoError(t, d.Set(soon(t), 1, 2), "the connection goes on")
}

// excess is one of the values.
func excess(t *testing.T, name string) pickle.Raw {
	t.Helper()
	r, err := pickle.ParseRaw([]byte("\x80\x04" + excesses[name].code + "."))
	require.NoError(t, err)
	return r
}

func TestWhatTheServerOnlyKeepsIsNotLimited(t *testing.T) {
	c, _ := serveTight(t)
	conn := methodsOf(t, c.Address())
	for _, o := range []struct{ typeid, store, args, load, loadArgs string }{
		{"a queue", "put", "(Vt", "get", ")"},
		{"a queue", "put_many", "((VVtt", "get_many", "(K\x02t"},
		{"a list", "append", "(Vt", "pop", ")"},
		{"a dict", "__setitem__", "(K\x01Vt", "__getitem__", "(K\x01t"},
		{"a Namespace", "__setattr__", "(" + Text("x") + "Vt", "__getattribute__", "(" + Text("x") + "t"},
	} {
		p, err := c.Open(soon(t), o.typeid)
		require.NoError(t, err)
		for name, x := range excesses {
			t.Run(o.typeid+", "+o.store+", "+name, func(t *testing.T) {
				args := strings.ReplaceAll(o.args, "V", x.code)
				stored := ask(t, conn, request(Text(p.Token().Ident), Text(o.store), args))
				assert.Contains(t, stored, "#RETURN")
				loaded := ask(t, conn, request(Text(p.Token().Ident), Text(o.load), o.loadArgs))
				assert.Contains(t, loaded, x.code)
			})
		}
	}
}

func TestWhatWasKeptIsLimitedWhenItIsOpened(t *testing.T) {
	c, _ := serveTight(t)
	d, err := c.OpenDict(soon(t), "a dict")
	require.NoError(t, err)
	require.NoError(t, d.Set(soon(t), 1, excess(t, "deep")))
	_, err = d.Call(soon(t), "__repr__")
	require.ErrorContains(t, err, excesses["deep"].what)
	text, err := c.DebugInfo(soon(t))
	require.NoError(t, err, "it hides no other object")
	assert.Contains(t, text, excesses["deep"].what)
}

func TestWhatCameAsXMLIsLimitedAsAPickleIs(t *testing.T) {
	c, _ := serveTight(t)
	x, err := client.Dial(soon(t), c.Address().String(),
		&client.Options{Authkey: key, Serializer: managers.XMLRPC})
	require.NoError(t, err)
	defer x.Close()
	l, err := x.OpenList(soon(t), "a list")
	require.NoError(t, err)
	_, err = l.Call(soon(t), "count", make([]int, 101))
	require.ErrorContains(t, err, "too many values")
}
