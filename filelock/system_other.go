//go:build !unix || solaris || aix

package filelock

// Other systems' locks are none that Python's fcntl knows.

func flock(int, Mode, Range) error       { return ErrNotSupported }
func lockProcess(int, Mode, Range) error { return ErrNotSupported }
