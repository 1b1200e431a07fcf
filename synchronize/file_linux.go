//go:build linux && (amd64 || arm64)

package synchronize

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"
)

// folder is where sem_open of glibc keeps semaphores.
const folder = "/dev/shm"

// names is how many names Create makes up before it gives up, as SemLock of Python does.
const names = 100

// Create makes a semaphore with a name. The error is an fs.ErrExist for the name in Options that is taken.
// Nobody sees it before it is whole.
func Create(value, limit int, o *Options) (*SemLock, error) {
	if err := o.checked(value, limit); err != nil {
		return nil, err
	}
	if o != nil && o.Name != "" {
		return createNamed(o.Name, value, limit, o)
	}
	var err error
	for range names {
		var s *SemLock
		if s, err = createNamed(newName(), value, limit, o); !errors.Is(err, fs.ErrExist) {
			return s, err
		}
	}
	return nil, err
}

func createNamed(name string, value, limit int, o *Options) (*SemLock, error) {
	name, err := semName(name)
	if err != nil {
		return nil, err
	}
	f, err := makeFile(fileName(name), value, o.mode())
	if err != nil {
		return nil, fmt.Errorf("synchronize: making %q: %w", name, withoutPath(err))
	}
	defer f.Close()
	m, err := mapFile(f)
	if err != nil {
		return nil, fmt.Errorf("synchronize: making %q: %w", name, errors.Join(withoutPath(err), Unlink(name)))
	}
	return newSemLock(m, name, limit, o), nil
}

// makeFile writes the file before it has its name: an empty one would open without an error, and its first
// use end the process that opened it. A file that never had another name leaves nothing behind, whatever
// happens meanwhile.
func makeFile(name string, value int, mode fs.FileMode) (*os.File, error) {
	f, err := os.OpenFile(folder, unix.O_TMPFILE|os.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return makeByLink(name, value, mode)
	}
	if err = fill(f, value, mode); err == nil {
		err = unix.Linkat(unix.AT_FDCWD, fmt.Sprintf("/proc/self/fd/%d", f.Fd()),
			unix.AT_FDCWD, filepath.Join(folder, name), unix.AT_SYMLINK_FOLLOW)
	}
	if err != nil {
		_ = f.Close()
	}
	if errors.Is(err, fs.ErrNotExist) { // there is no /proc
		return makeByLink(name, value, mode)
	}
	return f, err
}

// makeByLink is makeFile as sem_open does it, for systems where a file must have a name from the beginning.
func makeByLink(name string, value int, mode fs.FileMode) (*os.File, error) {
	f, err := os.CreateTemp(folder, "sem.mpbridge-*.new")
	if err != nil {
		return nil, err
	}
	if err = fill(f, value, mode); err == nil {
		err = unix.Link(f.Name(), filepath.Join(folder, name))
	}
	if err = errors.Join(err, unix.Unlink(f.Name())); err != nil {
		_ = f.Close()
	}
	return f, err
}

func fill(f *os.File, value int, mode fs.FileMode) error {
	b := image(value)
	if _, err := f.Write(b[:]); err != nil {
		return err
	}
	return f.Chmod(mode)
}

// Open opens the semaphore of a name, with the limit that those who use it have agreed on. A name that nobody
// has is fs.ErrNotExist; what is no semaphore of glibc is a *FormatError.
func Open(name string, limit int, o *Options) (*SemLock, error) {
	if err := o.checked(0, limit); err != nil {
		return nil, err
	}
	name, err := semName(name)
	if err != nil {
		return nil, err
	}
	file := fileName(name)
	f, err := os.OpenFile(filepath.Join(folder, file), os.O_RDWR|unix.O_NOFOLLOW|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("synchronize: opening %q: %w", name, orMusl(file, withoutPath(err)))
	}
	defer f.Close()
	m, err := mapChecked(f, name)
	if err != nil {
		return nil, err
	}
	return newSemLock(m, name, limit, o), nil
}

// mapChecked maps the file of a semaphore that somebody else has made.
func mapChecked(f *os.File, name string) (*memory, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("synchronize: opening %q: %w", name, withoutPath(err))
	}
	if !info.Mode().IsRegular() {
		return nil, &FormatError{name, "it is no file"}
	}
	if info.Size() != SemSize {
		return nil, &FormatError{name, fmt.Sprintf("it has %d bytes, not 32", info.Size())}
	}
	var b [SemSize]byte
	if n, _ := f.ReadAt(b[:], 0); n < SemSize {
		return nil, &FormatError{name, "it is being cut"}
	}
	if what := check(b[:]); what != "" {
		return nil, &FormatError{name, what}
	}
	m, err := mapFile(f)
	if err != nil {
		return nil, fmt.Errorf("synchronize: opening %q: %w", name, err)
	}
	return m, nil
}

// mapFile maps a file that is long enough. It is unmapped when the memory is not used any more.
func mapFile(f *os.File) (*memory, error) {
	mem, err := unix.Mmap(int(f.Fd()), 0, SemSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	w, _ := wordAt(mem) // a page is aligned
	m := &memory{word: w}
	runtime.AddCleanup(m, func(mem []byte) { _ = unix.Munmap(mem) }, mem)
	return m, nil
}

// orMusl is the error of opening a file that is not there: it says where musl has put the semaphore.
func orMusl(file string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	info, statErr := os.Lstat(filepath.Join(folder, file[len("sem."):]))
	if statErr == nil && info.Mode().IsRegular() && info.Size() == SemSize {
		return ErrMusl
	}
	return err
}

// Unlink removes the name of a semaphore: see SemLock.Unlink. It is for who has not opened it.
func Unlink(name string) error {
	name, err := semName(name)
	if err != nil {
		return err
	}
	if err := unix.Unlink(filepath.Join(folder, fileName(name))); err != nil {
		return fmt.Errorf("synchronize: unlinking %q: %w", name, err)
	}
	return nil
}

// withoutPath is the cause of an error alone: the name is said already.
func withoutPath(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
