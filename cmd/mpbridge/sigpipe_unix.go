//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// noSIGPIPE makes writing to a broken pipe an EPIPE. Without it the runtime ends the program, and with
// it an item that is on its way to standard output. Ignoring the signal would do that too, but for the
// processes that this one starts as well.
func noSIGPIPE() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }
