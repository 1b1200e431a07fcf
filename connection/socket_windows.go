package connection

import (
	"net"
	"os"
	"syscall"
)

// unixModeControl does nothing: files of unix sockets have no mode here.
func unixModeControl(Address, os.FileMode) func(string, string, syscall.RawConn) error {
	return nil
}

// removeStale removes nothing: this system does not say whether a socket file is stale.
func removeStale(string, error) bool { return false }

func unlinker(path string) func() {
	return func() { _ = os.Remove(path) }
}

// setBacklog keeps the system's own maximum.
func setBacklog(net.Listener, int) error { return nil }
