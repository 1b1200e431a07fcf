//go:build !linux

package filelock

// lockOpenFile is for systems that have no such locks.
func lockOpenFile(int, Mode, Range) error { return ErrNotSupported }
