package spawn

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// inherited are the descriptors above 2 that this program was started with and that programs it starts would get, too:
// the pipes of queues and the parent's sentinel, which would stay open as long as those.
type inherited []int

// sweep has no other program inherit them.
func sweep() (in inherited) {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil { // no /proc is mounted: all there may be
		_ = unix.CloseRange(3, 1<<31-1, unix.CLOSE_RANGE_CLOEXEC)
		return nil
	}
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil || fd <= 2 {
			continue
		}
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err == nil && flags&unix.FD_CLOEXEC == 0 {
			unix.CloseOnExec(fd)
			in = append(in, fd)
		}
	}
	return in
}

// restore has a program that takes the place of this one inherit them after all.
func (in inherited) restore() {
	for _, fd := range in {
		_, _ = unix.FcntlInt(uintptr(fd), unix.F_SETFD, 0)
	}
}

// closeStdin does what a child of multiprocessing does first: it does not read what is meant for its parent.
func closeStdin() {
	null, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	_ = unix.Dup3(null, 0, 0)
	_ = unix.Close(null)
}
