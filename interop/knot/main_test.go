package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// graph is what files refer to: "a>b" each.
func graph(edges ...string) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, e := range edges {
		for _, name := range []string{e[:1], e[2:]} {
			if out[name] == nil {
				out[name] = map[string]bool{}
			}
		}
		out[e[:1]][e[2:]] = true
	}
	return out
}

func TestAKnotIsWhatRefersToOneAnother(t *testing.T) {
	assert.Equal(t, []string{"a", "b", "c"}, largest(graph("a>b", "b>c", "c>a", "c>d", "d>e", "e>d")))
}

func TestFilesThatReferInOneDirectionAreNoKnot(t *testing.T) {
	assert.Len(t, largest(graph("a>b", "b>c", "a>c")), 1)
}

// module makes a module of one package in a folder of its own, and goes there.
func module(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	files["go.mod"] = "module example\n\ngo 1.24\n"
	for name, text := range files {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
}

func TestMethodsAndFieldsTieFilesTogether(t *testing.T) {
	module(t, map[string]string{
		"a.go":    "package example\n\nimport \"strings\"\n\ntype A struct{ n int }\n\nfunc (a A) Up() B { return B{strings.ToUpper(\"\"), a.n} }\n",
		"b.go":    "package example\n\ntype B struct {\n\ts string\n\tn int\n}\n\nfunc (b B) Down() int { return makeA().n }\n",
		"c.go":    "package example\n\nfunc makeA() A { return A{} }\n",
		"allowed": "# nothing\nexample 2\n",
	})
	var out bytes.Buffer
	err := run([]string{"allowed"}, &out)
	assert.Equal(t, "knot: example: 3 of 3 files\n", out.String())
	require.ErrorContains(t, err, "example: 3 files refer to one another, 2 may: a.go b.go c.go")
	require.NoError(t, os.WriteFile(filepath.Join(".", "allowed"), []byte("example 3 # all\n"), 0o600))
	require.NoError(t, run([]string{"allowed"}, &out))
}

func TestALineThatAllowsNothingReadableIsAnError(t *testing.T) {
	module(t, map[string]string{"allowed": "example\n"})
	require.ErrorContains(t, run([]string{"allowed"}, new(bytes.Buffer)), "allowed:1: want a package and a number")
}
