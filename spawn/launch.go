package spawn

import (
	"io"
	"os"

	"mpbridge/pickle"
)

// launch is a process that is being started.
type launch struct {
	opts     StartOptions
	python2  bool
	path     string
	function pickle.Global
	files    []*os.File // what the child inherits, from descriptor 3 on
}

// inherit has the child inherit a file, and returns its descriptor there.
func (l *launch) inherit(f *os.File) int {
	l.files = append(l.files, f)
	return len(l.files) + 2
}

// closeFiles closes what the child has a copy of.
func (l *launch) closeFiles() {
	for _, f := range l.files {
		_ = f.Close()
	}
}

// StartOptions say how Start starts a process. Zero values mean the defaults.
type StartOptions struct {
	// Name is the name of the process; "GoProcess-1" and so on by default.
	Name string

	// Path are folders in which the child looks for modules first, by way of PYTHONPATH.
	Path []string

	// Env is its environment, nil means that of this process; Dir is its folder, "" means that of this process, which is where
	// modules are looked for as well.
	Env []string
	Dir string

	// Authkey is the key of the child, for managers and listeners; by default one that is made up.
	Authkey []byte

	// Stdout and Stderr get what it writes; nil means those of this process.
	Stdout, Stderr io.Writer
}
