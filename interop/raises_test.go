package interop_test

import (
	"encoding/hex"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"mpbridge/interop"
	"mpbridge/managers"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// raisedClass is an exception class by the names of Python 3.
type raisedClass struct{ module, name string }

// raisedBySource finds every class that the packages of the server name in their source.
func raisedBySource(t *testing.T) (classes []raisedClass) {
	t.Helper()
	for _, folder := range []string{"managers", "managers/queue", "managers/server", "managers/internal/values", "managers/pools"} {
		files, err := filepath.Glob(filepath.Join("..", folder, "*.go"))
		require.NoError(t, err)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					classes = append(classes, classOf(call)...)
				}
				return true
			})
		}
	}
	return classes
}

// classOf returns the class that a call names, if it makes one.
func classOf(call *ast.CallExpr) []raisedClass {
	f := ""
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		f = fun.Name
	case *ast.SelectorExpr:
		f = fun.Sel.Name
	}
	var texts []string
	for _, arg := range call.Args {
		lit, ok := arg.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			break
		}
		text, _ := strconv.Unquote(lit.Value)
		texts = append(texts, text)
	}
	switch {
	case f == "NewExceptionClass" && len(texts) == 2:
		return []raisedClass{{texts[0], texts[1]}}
	case f == "raise" && len(texts) > 0:
		if module, name, ok := strings.Cut(texts[0], "."); ok {
			return []raisedClass{{module, name}}
		}
		return []raisedClass{{"builtins", texts[0]}}
	}
	return nil
}

// raiser raises what it is asked for.
type raiser struct {
	mu      sync.Mutex // the server's calls read classes while the test adds to them
	classes []raisedClass
}

// add notes a class, unless it is known.
func (r *raiser) add(c raisedClass) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.classes, c) {
		r.classes = append(r.classes, c)
	}
}

func (r *raiser) Fail(i int) error {
	r.mu.Lock()
	c := r.classes[i]
	r.mu.Unlock()
	args, ok := arguments[c]
	if !ok {
		args = []any{"text"}
	}
	return managers.NewExceptionClass(c.module, c.name).New(args...)
}

// arguments are those of a class that takes others than one text.
var arguments = map[raisedClass][]any{
	{"multiprocessing.pool", "MaybeEncodingError"}: {"text", "text"},
	{"builtins", "UnicodeEncodeError"}: {
		pickle.ByteString("ascii"), "t\u00e9xt", int64(1), int64(2), pickle.ByteString("text"),
	},
}

// caughtClass is what a Python says of an exception that it was sent.
type caughtClass struct {
	Has, Same   bool
	Class, Text string
	Bases       []string
	Error       string
	Names       []string
}

// startRaiser serves a raiser, and returns what starts a client of it.
func startRaiser(t *testing.T, r *raiser) func(t *testing.T, py interop.Python) *interop.Peer {
	t.Helper()
	s, err := server.New(&server.Options{Authkey: rightKey})
	require.NoError(t, err)
	require.NoError(t, s.Register("raiser", r, nil))
	at, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	var serving sync.WaitGroup
	serving.Go(func() { _ = s.Serve(t.Context()) })
	t.Cleanup(func() {
		_ = s.Close()
		serving.Wait()
	})
	return func(t *testing.T, py interop.Python) *interop.Peer {
		t.Helper()
		return startPeer(t, py, "raises.py", append(words(at), hex.EncodeToString(rightKey))...)
	}
}

// TestEveryExceptionLoadsInEveryPython raises each class that the source names, and each builtin of the
// newest Python, in a stock client of each version. One that has the class gets that, another a base
// of it; none fails while it unpickles.
func TestEveryExceptionLoadsInEveryPython(t *testing.T) {
	all := interop.Profiles()
	newest := needPython(t, all[len(all)-1].Version)
	r := &raiser{classes: raisedBySource(t)}
	require.Contains(t, r.classes, raisedClass{"queue", "ShutDown"})
	require.Contains(t, r.classes, raisedClass{"builtins", "RecursionError"})
	require.Contains(t, r.classes, raisedClass{"multiprocessing.pool", "MaybeEncodingError"})
	start := startRaiser(t, r)
	peer := start(t, newest)
	for _, name := range ask[caughtClass](t, peer, map[string]any{"list": true}).Names {
		r.add(raisedClass{"builtins", name})
	}
	lineage := make([][]string, len(r.classes))
	for i, c := range r.classes {
		lineage[i] = raiseAt(t, peer, i, c).Bases
	}
	forEachPython(t, func(t *testing.T, py interop.Python) {
		peer := start(t, py)
		for i, c := range r.classes {
			got := raiseAt(t, peer, i, c)
			switch {
			case got.Has:
				assert.True(t, got.Same, "%v arrived as %v: %s", c, got.Class, got.Text)
			case c == raisedClass{"queue", "ShutDown"}:
				assert.Equal(t, []string{"EOFError", "text"}, []string{got.Class, got.Text})
			default:
				assert.Contains(t, lineage[i], got.Class, "%v: %s", c, got.Text)
				assert.Contains(t, got.Text, "text", "%v", c)
			}
		}
	})
}

func raiseAt(t *testing.T, peer *interop.Peer, i int, c raisedClass) caughtClass {
	t.Helper()
	got := ask[caughtClass](t, peer, map[string]any{"index": i, "module": c.module, "name": c.name})
	require.Empty(t, got.Error, "%v", c)
	require.NotEmpty(t, got.Class, "%v was not raised", c)
	return got
}
