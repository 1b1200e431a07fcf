package spawn

import (
	"os"
)

// Main makes the program a child of Python's multiprocessing, if it was started as one, and otherwise returns at once:
// it is the first line of a program's main. In a child it does what the target of the process says and ends the
// program.
//
// The child ends with the status that Python's own would have: 0 when the function has returned, 1 after an error or a
// panic, of which the text is written to stderr, and what SystemExit says. Whatever the function was given is closed
// before, so that what it has put into queues is not lost.
//
// It panics with a *TargetError for targets that cannot be called, whoever starts the program.
func Main(targets Targets) { (*MainOptions)(nil).Main(targets) }

// Main is the function Main with options; o may be nil. A number out of its range is a panic with a
// *pickle.OptionError.
func (o *MainOptions) Main(targets Targets) {
	known, err := newCrew(targets)
	if err != nil {
		panic(err)
	}
	o, err = o.check()
	if err != nil {
		panic(err)
	}
	if cmd, ok := parseCommand(os.Args); ok {
		os.Exit(obey(o, cmd, known, os.Stderr))
	}
}
