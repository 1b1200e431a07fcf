package interop_test

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// allowed says which packages of this module, and which modules besides the standard library, each
// package may import: imports go down only.
var allowed = map[string][]string{
	"mpbridge/pickle":             {"mpbridge/internal/printable"},
	"mpbridge/internal/printable": {},
	"mpbridge/pickle/gopickle":    {"mpbridge/pickle", "github.com/nlpodyssey/gopickle"},
	"mpbridge/internal/guard":     {},
	"mpbridge/internal/option":    {"mpbridge/pickle"},
	"mpbridge/internal/peerlog":   {},
	"mpbridge/internal/jsonvalue": {"mpbridge/pickle"},
	"mpbridge/internal/pyfunc":    {"mpbridge/pickle"},
	"mpbridge/connection": {
		"mpbridge/pickle", "mpbridge/internal/guard", "mpbridge/internal/option", "mpbridge/internal/peerlog",
		"golang.org/x/sys",
	},
	"mpbridge/reduction": {
		"mpbridge/pickle", "mpbridge/connection", "mpbridge/internal/option", "mpbridge/internal/peerlog",
		"golang.org/x/sys",
	},
	"mpbridge/synchronize":      {"mpbridge/pickle", "mpbridge/internal/option", "golang.org/x/sys"},
	"mpbridge/internal/pipeend": {"golang.org/x/sys"},
	"mpbridge/queues": {
		"mpbridge/pickle", "mpbridge/connection", "mpbridge/synchronize", "mpbridge/internal/pipeend",
		"mpbridge/internal/option",
	},
	"mpbridge/managers/internal/xmlrpc": {"mpbridge/pickle"},
	"mpbridge/managers/internal/values": {"mpbridge/pickle"},
	"mpbridge/managers/internal/waits":  {},
	"mpbridge/managers": {
		"mpbridge/pickle", "mpbridge/connection", "mpbridge/managers/internal/values", "mpbridge/internal/printable",
	},
	"mpbridge/managers/internal/wire": {
		"mpbridge/pickle", "mpbridge/connection", "mpbridge/managers/internal/xmlrpc", "mpbridge/managers", "mpbridge/managers/internal/values",
		"mpbridge/internal/printable",
	},
	"mpbridge/managers/queue": {
		"mpbridge/pickle", "mpbridge/managers", "mpbridge/managers/internal/values", "mpbridge/managers/internal/waits",
	},
	"mpbridge/managers/queue/wal": {"mpbridge/filelock", "golang.org/x/sys"},
	"mpbridge/managers/queue/durable": {
		"mpbridge/pickle", "mpbridge/managers", "mpbridge/managers/queue", "mpbridge/managers/queue/wal",
	},
	"mpbridge/managers/queue/queuetest": {
		"mpbridge/pickle", "mpbridge/managers", "mpbridge/managers/queue", "mpbridge/internal/testing/testwait",
		"github.com/stretchr/testify",
	},
	"mpbridge/managers/client": {
		"mpbridge/pickle", "mpbridge/connection", "mpbridge/managers", "mpbridge/managers/internal/wire",
		"mpbridge/managers/internal/values", "mpbridge/internal/guard",
	},
	"mpbridge/managers/server": {
		"mpbridge/pickle", "mpbridge/connection", "mpbridge/managers", "mpbridge/managers/internal/wire",
		"mpbridge/managers/internal/waits", "mpbridge/managers/queue", "mpbridge/managers/internal/values", "mpbridge/managers/internal/xmlrpc",
		"mpbridge/internal/printable", "mpbridge/internal/guard", "mpbridge/internal/peerlog", "mpbridge/internal/pyfunc",
	},
	"mpbridge/managers/pools": {
		"mpbridge/pickle", "mpbridge/pool", "mpbridge/managers", "mpbridge/managers/server", "mpbridge/internal/option",
	},
	"mpbridge/managers/snapshots": {"mpbridge/filelock", "mpbridge/managers", "mpbridge/managers/server", "golang.org/x/sys"},
	"mpbridge/sharedmem":          {"mpbridge/pickle", "golang.org/x/sys"},
	"mpbridge/filelock":           {"golang.org/x/sys"},
	"mpbridge/files": {
		"mpbridge/internal/option", "golang.org/x/sys",
	},
	"mpbridge/sysv": {
		"mpbridge/internal/option", "golang.org/x/sys",
	},
	"mpbridge/mqueue": {
		"mpbridge/internal/option", "golang.org/x/sys",
	},
	"mpbridge/spawn": {
		"mpbridge/pickle", "mpbridge/connection", "mpbridge/managers", "mpbridge/synchronize", "mpbridge/queues",
		"mpbridge/sharedmem", "mpbridge/internal/pyfunc", "mpbridge/internal/option", "golang.org/x/sys",
	},
	"mpbridge/tunnel": {
		"mpbridge/connection", "mpbridge/internal/guard", "mpbridge/internal/option", "mpbridge/internal/peerlog",
	},
	"mpbridge/pool": {
		"mpbridge/pickle", "mpbridge/connection", "mpbridge/managers", "mpbridge/internal/guard", "mpbridge/internal/option",
		"mpbridge/internal/peerlog", "mpbridge/internal/printable", "golang.org/x/sys",
	},
	"mpbridge/internal/dice":               {},
	"mpbridge/internal/leak":               {},
	"mpbridge/internal/peerlog/logtest":    {"mpbridge/internal/peerlog"},
	"mpbridge/internal/secret":             {"mpbridge/internal/printable", "golang.org/x/sys"},
	"mpbridge/internal/testing/testkeys":   {"mpbridge/pickle"},
	"mpbridge/internal/testing/testwait":   {},
	"mpbridge/internal/testing/testpython": {"mpbridge/interop", "github.com/stretchr/testify"},
	"mpbridge/interop/certs":               {},
	"mpbridge/interop/bench/placement":     {"golang.org/x/sys"},
	"mpbridge/examples":                    {},
	// What is made of all others:
	"mpbridge/cmd/mpbridge":        anything,
	"mpbridge/examples/calculator": anything,
	"mpbridge/examples/forkserver": anything,
	"mpbridge/examples/locks":      anything,
	"mpbridge/examples/pool":       anything,
	"mpbridge/examples/server":     anything,
	"mpbridge/examples/sharedmem":  anything,
	"mpbridge/examples/sockets":    anything,
	"mpbridge/examples/spawn":      anything,
	"mpbridge/examples/worker":     anything,
	"mpbridge/interop":             anything,
	"mpbridge/managers/interop":    anything,
	"mpbridge/interop/bench":       anything,
	"mpbridge/interop/bench/pool":  anything,
	"mpbridge/interop/bench/pipes": anything,
	"mpbridge/interop/knot":        anything,
	"mpbridge/interop/mkcerts":     anything,
	"mpbridge/interop/packages":    anything,
	"mpbridge/interop/soak":        anything,
}

// anything but the program.
var anything = []string{"*"}

// TestConnectionsMeetPicklesInOnePlace: framing and the handshake know bytes alone.
func TestConnectionsMeetPicklesInOnePlace(t *testing.T) {
	files, err := filepath.Glob("../connection/*.go")
	require.NoError(t, err)
	var importing []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, imp := range file.Imports {
			if imp.Path.Value == `"mpbridge/pickle"` && !strings.HasSuffix(name, "_test.go") {
				importing = append(importing, filepath.Base(name))
			}
		}
	}
	assert.Equal(t, []string{"object.go"}, importing)
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func TestImportsGoDownOnly(t *testing.T) {
	for _, p := range packages(t) {
		rule, named := allowed[p.ImportPath]
		assert.True(t, named, "what %s may import is not said", p.ImportPath)
		for _, imp := range p.Imports {
			first, _, _ := strings.Cut(imp, "/")
			if first != "mpbridge" && !strings.Contains(first, ".") {
				continue // the standard library
			}
			assert.NotContains(t, imp, "mpbridge/cmd", "%s imports the program", p.ImportPath)
			fits := slices.Equal(rule, anything) || slices.ContainsFunc(rule, func(prefix string) bool {
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
