//go:build unix && !linux

package connection

import "golang.org/x/sys/unix"

// openAnew is for systems on which an open pipe has no path.
func openAnew(int) (int, error) { return -1, unix.ENOTSUP }
