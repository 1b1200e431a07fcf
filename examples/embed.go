// Package examples holds the programs that the README shows, in Go and Python, as they are run by the
// demo and by the tests.
package examples

import _ "embed" // for the scripts

// Worker is worker.py: a stock Python worker of the classic master and worker pair.
//
//go:embed worker.py
var Worker string

// Manager is manager.py: a stock Python manager of the same pair.
//
//go:embed manager.py
var Manager string
