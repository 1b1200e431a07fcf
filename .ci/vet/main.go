// Vet runs the analyzers of go vet over the module in the working directory, programs and tests, as for each of the
// systems that its arguments name: "windows/amd64". What the module imports is read as source, where go vet first compiles
// all of it, the standard library too, anew for each system: that takes five times as long.
package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"
)

func main() {
	failed := false
	for _, system := range os.Args[1:] {
		found, err := vet(system)
		if err != nil {
			found = append(found, err.Error())
		}
		for _, line := range found {
			failed = true
			fmt.Fprintf(os.Stderr, "vet: %s: %s\n", system, line)
		}
	}
	if failed {
		os.Exit(1)
	}
}

// vet returns what is wrong with the module as one for a system, a line each.
func vet(system string) (found []string, err error) {
	goos, goarch, ok := strings.Cut(system, "/")
	if !ok {
		return nil, fmt.Errorf("want a system and a processor, as in windows/amd64")
	}
	loaded, err := packages.Load(&packages.Config{
		Mode:  packages.LoadAllSyntax | packages.NeedModule | packages.NeedTypesSizes,
		Env:   append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch),
		Tests: true,
	}, "./...")
	if err != nil {
		return nil, err
	}
	if len(loaded) == 0 {
		return nil, fmt.Errorf("there are no packages")
	}
	packages.Visit(loaded, nil, func(p *packages.Package) {
		for _, err := range p.Errors {
			found = append(found, err.Error())
		}
	})
	if len(found) > 0 {
		return found, nil // the analyzers want what compiles
	}
	graph, err := checker.Analyze(analyzers, loaded, nil)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := graph.PrintText(&text, -1); err != nil {
		return nil, err
	}
	for action := range graph.All() {
		if action.IsRoot && action.Err != nil {
			found = append(found, fmt.Sprintf("%s: %v", action, action.Err))
		}
	}
	for line := range strings.Lines(text.String()) {
		found = append(found, strings.TrimSuffix(line, "\n"))
	}
	return found, nil
}
