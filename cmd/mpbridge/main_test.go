package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWrongUsageIsExitCode2(t *testing.T) {
	cases := map[string][]string{
		"an unknown command":       {"nonsense"},
		"an unknown flag":          {"serve", "--nope"},
		"too few arguments":        {"put", "127.0.0.1:1"},
		"an address without":       {"serve", "--address", "nowhere"},
		"two sources of a key":     {"serve", "--authkey-file", "x", "--authkey-fd", "3"},
		"keys and a key":           {"serve", "--keys", "x", "--authkey-file", "y"},
		"a socket without a mode":  {"serve", "--socket-owner", "root", "--address", "/tmp/s"},
		"a mode without socket":    {"serve", "--socket-mode", "0600"},
		"a socket mode of letters": {"serve", "--socket-mode", "rw", "--address", "/tmp/s"},
		"a socket of nobody": {"serve", "--socket-owner", ":", "--socket-mode", "0600", "--address",
			"/tmp/s"},
		"a socket of a stranger": {"serve", "--socket-owner", ":no-such-group", "--socket-mode", "0600",
			"--address", "/tmp/s"},
		"a log format":          {"serve", "--log-format", "xml"},
		"a queue without name":  {"serve", "--queue", "=3"},
		"the same queue twice":  {"serve", "--queue", "a", "--lifo", "a"},
		"text that is not JSON": {"call", "127.0.0.1:1", "x.y", "{"},
	}
	t.Setenv(envAuthkey, "")
	for name, args := range cases {
		t.Run(name, func(t *testing.T) {
			if strings.Contains(name, "queue") || strings.Contains(name, "socket") {
				t.Setenv(envAuthkey, "key")
			}
			var out, err bytes.Buffer
			assert.Equal(t, exitUsage, run(args, strings.NewReader(""), &out, &err), err.String())
			assert.Empty(t, out.String())
			assert.True(t, strings.HasPrefix(err.String(), "error: "))
		})
	}
}
