package filelock

import (
	"errors"
	"fmt"
	"io/fs"
)

var (
	// ErrBusy says that another holds the lock, or one of a range that overlaps.
	ErrBusy = errors.New("filelock: another holds the lock")
	// ErrHeld says that this Lock is held already, by whoever has it.
	ErrHeld = errors.New("filelock: this lock is held already")
	// ErrNotHeld says that this Lock is not held.
	ErrNotHeld = errors.New("filelock: this lock is not held")
	// ErrAccess says that the file is not open in the way that the lock needs: for writing where it is Exclusive, for
	// reading where it is Shared. Flock needs neither.
	ErrAccess = fmt.Errorf("filelock: the file is not open for what the lock needs: %w", fs.ErrPermission)
	// ErrNotSupported says that this system does not have that kind of lock.
	ErrNotSupported = fmt.Errorf("filelock: %w", errors.ErrUnsupported)
)

// failed puts what the system said behind what was to be done, without the file's name.
func failed(op string, err error) error { return fmt.Errorf("filelock: %s: %w", op, err) }
