package queues_test

import (
	"os"

	"golang.org/x/sys/unix"
)

// duplicate gives a descriptor to the process that is to be started, which is this one.
func duplicate(f *os.File) (int, error) {
	defer f.Close()
	return unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
}
