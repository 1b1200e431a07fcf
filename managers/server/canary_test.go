package server_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/managers/server"
)

// canaries are opcodes that make a file where Python loads them, without PROTO and STOP.
func canaries(path string) map[string]string {
	command := Text("touch " + path)
	system := "cos\nsystem\n(" + command + "tR"
	return map[string]string{
		"a call":              system,
		"INST":                "(" + command + "iposix\nsystem\n",
		"OBJ":                 "(cposix\nsystem\n" + command + "o",
		"a computed name":     "X\x02\x00\x00\x00osX\x06\x00\x00\x00system\x93(" + command + "tR",
		"in an exception":     "cbuiltins\nValueError\n(" + system + "tR",
		"a chain of getattr":  "cbuiltins\ngetattr\n(cbuiltins\n__import__\n(Vos\ntRVsystem\ntR(" + command + "tR",
		"a state":             "ctypes\nSimpleNamespace\n(tR}(V__setstate__\ncos\nsystem\nub" + command + "b",
		"NEWOBJ":              "csubprocess\nPopen\n((Vtouch\nV" + path + "\nlt\x81",
		"an eval":             "cbuiltins\neval\n(Vopen('" + path + "', 'w')\ntR",
		"a copyreg":           "ccopyreg\n_reconstructor\n(cbuiltins\nobject\ncbuiltins\nobject\n" + system + "tR",
		"a list of exploits":  "](" + system + system + "e",
		"a key of a dict":     "}(" + system + "K\x01u",
		"an element of a set": "\x8f(" + system + "\x90",
	}
}

func TestExploitsPassThroughAsBytes(t *testing.T) {
	_, addrs := serve(t, server.Limits{})
	path := filepath.Join(t.TempDir(), "dead")
	require.Less(t, len(path), 200, "the length is one byte")
	ident := queueIdent(t, addrs[0])
	conn := methodsOf(t, addrs[0])
	for name, code := range canaries(path) {
		t.Run(name, func(t *testing.T) {
			ask(t, conn, request(Text(ident), Text("put"), "("+code+"t"))
			assert.Contains(t, ask(t, conn, request(Text(ident), Text("get"), ")")), code)
			for _, r := range []string{
				request(Text(ident), Text("qsize"), code), request(code, Text("qsize"), ")"),
				request(Text(ident), code, ")"), request("N", Text("create"), "("+code+"t"),
				request("N", Text("incref"), "("+code+"t"),
			} {
				assert.NotContains(t, ask(t, conn, r), "#RETURN")
			}
		})
	}
	_, err := os.Stat(path)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// request is a pickled call made of opcodes.
func request(ident, method, args string) string {
	return "\x80\x04(" + ident + method + args + "}t."
}

// Text is SHORT_BINUNICODE.
func Text(s string) string { return "\x8c" + string([]byte{byte(len(s))}) + s }

// ask sends a request and returns the reply as it came.
func ask(t *testing.T, conn *connection.Conn, request string) string {
	t.Helper()
	require.NoError(t, conn.SendBytes(context.Background(), []byte(request)))
	reply, err := conn.RecvBytes(context.Background())
	require.NoError(t, err)
	return string(reply)
}

// methodsOf opens a connection for methods.
func methodsOf(t *testing.T, addr connection.Address) *connection.Conn {
	t.Helper()
	conn, err := connection.Dial(soon(t), addr.String(), &connection.DialOptions{Authkey: key})
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.Contains(t, ask(t, conn, request("N", Text("accept_connection"), "("+Text("n")+"t")), "#RETURN")
	return conn
}
