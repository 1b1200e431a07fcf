package interop_test

import (
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPackageCommentsBeginWithCodeThatCompiles: the first program in the comment of a package that users import is made
// of lines of one of its Examples, in their order. What an Example does beside, as looking at errors, may be left out, and
// nobody returns an error from an Example.
func TestPackageCommentsBeginWithCodeThatCompiles(t *testing.T) {
	for _, dir := range []string{
		"connection", "reduction", "tunnel", "pool", "managers/server", "managers/client", "managers/queue",
	} {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			lines := opening(t, filepath.Join("..", dir))
			require.NotEmpty(t, lines, "the package comment shows no code")
			var best []string // what the best Example lacks
			for name, code := range examples(t, filepath.Join("..", dir)) {
				missing := without(lines, code)
				if len(missing) == 0 {
					return
				}
				if best == nil || len(missing) < len(best) {
					best = append([]string{name}, missing...)
				}
			}
			assert.Fail(t, "no Example has these lines in this order", "%s", strings.Join(best, "\n"))
		})
	}
}

// opening gives the lines of the first code block in a package's comment.
func opening(t *testing.T, dir string) []string {
	t.Helper()
	for _, file := range parsed(t, dir, func(name string) bool { return !strings.HasSuffix(name, "_test.go") }) {
		if file.Doc == nil {
			continue
		}
		for _, block := range new(comment.Parser).Parse(file.Doc.Text()).Content {
			if code, ok := block.(*comment.Code); ok {
				return slices.DeleteFunc(codeLines(code.Text), func(line string) bool { return line == "return err" || line == "..." })
			}
		}
	}
	return nil
}

// examples gives the lines of each Example of a package.
func examples(t *testing.T, dir string) map[string][]string {
	t.Helper()
	out := make(map[string][]string)
	for path, file := range parsed(t, dir, func(name string) bool { return strings.HasSuffix(name, "_test.go") }) {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "Example") {
				text, err := os.ReadFile(path)
				require.NoError(t, err)
				out[f.Name.Name] = codeLines(string(text[f.Body.Lbrace-file.FileStart+1 : f.Body.Rbrace-file.FileStart]))
			}
		}
	}
	return out
}

func parsed(t *testing.T, dir string, want func(name string) bool) map[string]*ast.File {
	t.Helper()
	entries, err := fs.ReadDir(os.DirFS(dir), ".")
	require.NoError(t, err)
	out := make(map[string]*ast.File)
	for _, e := range entries {
		if path := filepath.Join(dir, e.Name()); filepath.Ext(path) == ".go" && want(e.Name()) {
			out[path], err = parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
			require.NoError(t, err)
		}
	}
	return out
}

// codeLines gives the lines that have code, without what is behind //, and as if they were not indented.
func codeLines(text string) (out []string) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "// ")
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// without gives the lines that do not come in the code, each after the one before it.
func without(lines, code []string) (missing []string) {
	for _, line := range lines {
		at := 0
		for at < len(code) && code[at] != line {
			at++
		}
		if at == len(code) {
			missing = append(missing, line)
			continue
		}
		code = code[at+1:]
	}
	return missing
}
