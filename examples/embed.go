// Package examples holds the programs that the README and docs/ show, in Go and Python, as they are run by the
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

// SocketWorker is socket_worker.py: a stock Python worker that answers clients whose sockets it takes
// from a queue.
//
//go:embed socket_worker.py
var SocketWorker string

// SocketFront is socket_front.py: a stock Python program that accepts clients and puts their sockets
// into a queue.
//
//go:embed socket_front.py
var SocketFront string

// Pi is pi.py: a function for a pool of workers.
//
//go:embed pi.py
var Pi string
