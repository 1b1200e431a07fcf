//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// failBrokenWrites has a write fail whose reader is gone or whose file may not grow: a log that nobody reads
// any more, or a limit of files' sizes, must not end a server that has something to save. Processes that it
// starts have the signals as they were.
func failBrokenWrites() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE, syscall.SIGXFSZ)
}
