package interop_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// allowed says which packages of this module, and which modules besides the standard library, each
// package may import: imports go down only.
var allowed = map[string][]string{
	"mpbridge/pickle":          {},
	"mpbridge/pickle/gopickle": {"mpbridge/pickle", "github.com/nlpodyssey/gopickle"},
	"mpbridge/connection":      {"mpbridge/pickle", "golang.org/x/sys"},
	"mpbridge/managers":        {"mpbridge/pickle", "mpbridge/connection"},
	"mpbridge/examples":        {},
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func TestImportsGoDownOnly(t *testing.T) {
	for _, p := range packages(t) {
		for _, imp := range p.Imports {
			first, _, _ := strings.Cut(imp, "/")
			if first != "mpbridge" && !strings.Contains(first, ".") {
				continue // the standard library
			}
			assert.NotContains(t, imp, "mpbridge/cmd", "%s imports the program", p.ImportPath)
			rule, restricted := allowed[p.ImportPath]
			if !restricted {
				continue
			}
			fits := slices.ContainsFunc(rule, func(prefix string) bool {
				return imp == prefix || !strings.HasPrefix(prefix, "mpbridge/") &&
					strings.HasPrefix(imp, prefix+"/")
			})
			assert.True(t, fits, "%s imports %s", p.ImportPath, imp)
		}
	}
}

func packages(t *testing.T) (out []goPackage) {
	t.Helper()
	list := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	list.Dir = ".."
	text, err := list.Output()
	require.NoError(t, err)
	d := json.NewDecoder(strings.NewReader(string(text)))
	for d.More() {
		var p goPackage
		require.NoError(t, d.Decode(&p))
		out = append(out, p)
	}
	require.Greater(t, len(out), 5)
	return out
}
