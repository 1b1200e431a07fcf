package snapshots

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

const noBlock = 0

// lock takes the lock of a file, which the file's end gives back, or fails with errLocked. The byte that is
// locked lies far behind the record, which others may read.
func lock(f *os.File) error {
	at := &windows.Overlapped{OffsetHigh: 1 << 30}
	err := windows.LockFileEx(windows.Handle(f.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errLocked
	}
	return err
}

// syncFolder does nothing: a folder cannot be synced here.
func syncFolder(string) error { return nil }
