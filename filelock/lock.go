package filelock

import (
	"context"
	"io/fs"
	"os"
	"sync"
)

// Options of a Lock; nil means all defaults.
type Options struct {
	// Mode is that of the file, if it has to be made; 0 means 0644, of which the umask takes, as in Python.
	Mode fs.FileMode
}

const defaultMode = 0o644

// Lock is a file of its own that is locked by Flock, as FileLock of Python's package filelock does. Its methods may be
// called from any goroutine; two Locks of one path exclude each other, in one program too.
type Lock struct {
	path string
	mode fs.FileMode

	mu   sync.Mutex
	file *os.File // nil while it is not held
}

// New makes a Lock. Nothing is opened before it is acquired.
func New(path string, o *Options) *Lock {
	l := &Lock{path: path, mode: defaultMode}
	if o != nil && o.Mode != 0 {
		l.mode = o.Mode
	}
	return l
}

// Acquire waits until it has the lock, or until ctx ends. One that has it already gets ErrHeld.
func (l *Lock) Acquire(ctx context.Context) error { return wait(ctx, l.TryAcquire) }

// TryAcquire is Acquire that does not wait: ErrBusy.
func (l *Lock) TryAcquire() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		return ErrHeld
	}
	f, err := os.OpenFile(l.path, os.O_RDWR|os.O_CREATE, l.mode)
	if err != nil {
		return failed("open", withoutPath(err))
	}
	if err = TryFlock(f, Exclusive); err == nil && !isAt(f, l.path) {
		err = ErrBusy // somebody removed the file: what has its name now is another lock
	}
	if err != nil {
		_ = f.Close()
		return err
	}
	l.file = f
	return nil
}

// isAt tells whether a file still has its name.
func isAt(f *os.File, path string) bool {
	ours, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(ours, there)
}

// Release frees the lock. The file stays: who removes it while others wait for it divides them.
func (l *Lock) Release() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return ErrNotHeld
	}
	err := Unflock(l.file) // before it is closed, for a child may have inherited it
	if closed := l.file.Close(); err == nil && closed != nil {
		err = failed("close", withoutPath(closed))
	}
	l.file = nil
	return err
}

// withoutPath takes off the layer in which package os names the file.
func withoutPath(err error) error {
	if e, ok := err.(*fs.PathError); ok {
		return e.Err
	}
	return err
}
