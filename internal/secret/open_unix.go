//go:build unix

package secret

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// modes says that files have permissions here.
const modes = true

const nonblock = unix.O_NONBLOCK

// errLink is what the system says where a link was not followed.
var errLink error = unix.ELOOP

func ownerOf(info os.FileInfo) (uid int, known bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(st.Uid), true
}

// openNoFollow opens a file for reading, and waits for nobody.
func openNoFollow(path string) (*os.File, error) {
	return openAt(unix.AT_FDCWD, path, path, unix.O_RDONLY|unix.O_NONBLOCK, 0)
}

func openAt(folder int, name, path string, flags int, mode uint32) (*os.File, error) {
	for {
		fd, err := unix.Openat(folder, name, flags|unix.O_NOFOLLOW|unix.O_CLOEXEC, mode)
		switch {
		case err == nil:
			return os.NewFile(uintptr(fd), path), nil
		case !errors.Is(err, unix.EINTR):
			return nil, &os.PathError{Op: "open", Path: path, Err: err}
		}
	}
}

// folder is a folder that was opened and checked: names in it are looked up there, wherever it is moved.
type folder struct{ f *os.File }

func openFolder(path string, make bool) (*folder, error) {
	if make {
		if err := makeFolder(path); err != nil {
			return nil, err
		}
	}
	f, err := openAt(unix.AT_FDCWD, path, path, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if errors.Is(err, unix.ELOOP) || errors.Is(err, unix.ENOTDIR) {
		return nil, &Error{path, "no folder, where a folder for keys should be",
			"have it removed, or set XDG_RUNTIME_DIR or TMPDIR to a folder of your own"}
	} else if err != nil {
		return nil, err
	}
	if err := checkFolder(f); err != nil {
		_ = f.Close()
		return nil, err
	}
	return &folder{f}, nil
}

func (d *folder) close() { _ = d.f.Close() }

func (d *folder) path(name string) string { return filepath.Join(d.f.Name(), name) }

func (d *folder) open(name string) (*os.File, error) {
	return openAt(int(d.f.Fd()), name, d.path(name), unix.O_RDONLY|unix.O_NONBLOCK, 0)
}

// write writes a new file and gives it the name, so that who reads it never finds half of it.
func (d *folder) write(name string, text []byte) error {
	at := int(d.f.Fd())
	temp := "." + rand.Text()
	f, err := openAt(at, temp, d.path(temp), unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.NewSyscallError("renameat", unix.Renameat(at, temp, at, name))
	}
	if err != nil {
		_ = unix.Unlinkat(at, temp, 0)
	}
	return err
}
