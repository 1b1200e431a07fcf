// Knot measures how the files of each package hang together: two files are in one knot where each refers, through
// others perhaps, to what the other declares. Who changes a file of a knot may have to read all of it. It prints,
// for each package, the files of its largest knot and all its files, and fails where a knot has grown beyond the
// number that a file given as the only argument allows: lines of a package and a number.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "knot:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("want the file of what is allowed")
	}
	allowed, err := readAllowed(args[0])
	if err != nil {
		return err
	}
	packages, err := list()
	if err != nil {
		return err
	}
	var grown []error
	for _, p := range packages.own {
		files, err := packages.references(p)
		if err != nil {
			return err
		}
		knot := largest(files)
		if len(knot) < 2 {
			continue
		}
		fmt.Fprintf(out, "knot: %s: %d of %d files\n", p.ImportPath, len(knot), len(p.GoFiles))
		if most := allowed[p.ImportPath]; len(knot) > most {
			grown = append(grown, fmt.Errorf("%s: %d files refer to one another, %d may: %s",
				p.ImportPath, len(knot), most, strings.Join(knot, " ")))
		}
	}
	return errors.Join(grown...)
}

// readAllowed reads lines of a package and a number; # begins a comment.
func readAllowed(name string) (map[string]int, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	allowed := make(map[string]int)
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		fields := strings.Fields(text)
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 2 {
			return nil, fmt.Errorf("%s:%d: want a package and a number", name, n)
		}
		if allowed[fields[0]], err = strconv.Atoi(fields[1]); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	return allowed, lines.Err()
}

// goPackage is what go list says of a package.
type goPackage struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	ImportMap               map[string]string
	Standard                bool
	Module                  *struct{ Main bool }
}

// listed are the packages of this module, and what they are compiled with.
type listed struct {
	own     []goPackage
	exports map[string]string // files of export data, by import path
}

func list() (listed, error) {
	cmd := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,ImportMap,Standard,Module", "./...")
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return listed{}, fmt.Errorf("go list: %w", err)
	}
	out := listed{exports: make(map[string]string)}
	for d := json.NewDecoder(strings.NewReader(string(text))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return listed{}, fmt.Errorf("go list: %w", err)
		}
		out.exports[p.ImportPath] = p.Export
		if !p.Standard && p.Module != nil && p.Module.Main {
			out.own = append(out.own, p)
		}
	}
}

// references says, for each file of a package, which others it refers to.
func (l listed) references(p goPackage) (map[string]map[string]bool, error) {
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	open := func(path string) (io.ReadCloser, error) {
		if mapped, ok := p.ImportMap[path]; ok {
			path = mapped
		}
		return os.Open(l.exports[path])
	}
	info := types.Info{Uses: make(map[*ast.Ident]types.Object)}
	config := types.Config{Importer: importer.ForCompiler(set, "gc", open)}
	checked, err := config.Check(p.ImportPath, set, files, &info)
	if err != nil {
		return nil, err
	}
	fileOf := func(at token.Pos) string { return filepath.Base(set.Position(at).Filename) }
	out := make(map[string]map[string]bool)
	for _, name := range p.GoFiles {
		out[name] = make(map[string]bool)
	}
	for ident, object := range info.Uses {
		if object.Pkg() == checked {
			out[fileOf(ident.Pos())][fileOf(object.Pos())] = true
		}
	}
	return out, nil
}

// largest returns the largest set of files each of which refers to all others of it, through others perhaps: the
// largest strongly connected component, found by who reaches whom.
func largest(refers map[string]map[string]bool) []string {
	reached := make(map[string]map[string]bool, len(refers))
	for from := range refers {
		seen := map[string]bool{from: true}
		for todo := []string{from}; len(todo) > 0; {
			next := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			for to := range refers[next] {
				if !seen[to] {
					seen[to] = true
					todo = append(todo, to)
				}
			}
		}
		reached[from] = seen
	}
	var most []string
	for from := range refers {
		var knot []string
		for to := range reached[from] {
			if reached[to][from] {
				knot = append(knot, to)
			}
		}
		if len(knot) > len(most) {
			most = knot
		}
	}
	slices.Sort(most)
	return most
}
