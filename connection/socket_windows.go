package connection

import (
	"net"
	"os"
)

// listenGuarded refuses an owner, and ignores the mode: files of unix sockets have none here.
func listenGuarded(path string, _ os.FileMode, owner *FileOwner) (net.Listener, error) {
	if owner != nil {
		return nil, ErrNotSupported
	}
	return net.Listen(Unix, path)
}

// claim replaces nothing: this system does not say whether a socket file is stale.
func claim(_ string, bind func() (net.Listener, error)) (net.Listener, error) { return bind() }

func unlinker(path string) func() {
	return func() { _ = os.Remove(path) }
}

// setBacklog keeps the system's own maximum.
func setBacklog(net.Listener, int) error { return nil }
