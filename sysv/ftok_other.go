//go:build !unix

package sysv

// Ftok needs the numbers of files, which this system does not have: it returns ErrNotSupported.
func Ftok(string, int) (Key, error) { return 0, ErrNotSupported }
