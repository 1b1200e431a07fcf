package sharedmem

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// segmentDir is where POSIX shared memory is: shm_overview(7).
const segmentDir = "/dev/shm"

func segmentPath(file string) string { return filepath.Join(segmentDir, file) }

// createSegment makes a segment with all its bytes before it gives it its name, so that nobody sees one of size 0, as
// they do while Python makes one. Where it has no name it makes one up.
func createSegment(name string, size int, o *CreateOptions) (*mapping, string, error) {
	link, err := namelessFile()
	if err != nil {
		link, err = temporaryFile()
	}
	if err != nil {
		return nil, "", cause(err)
	}
	return link.segment(name, size, o)
}

// nameLink is a new file that is about to get its name.
type nameLink struct {
	file      *os.File
	temporary string // the path that it has until then; "" if it has none
}

const openFlags = os.O_RDWR | unix.O_CLOEXEC | unix.O_NOFOLLOW

// namelessFile makes a file of which nothing is left if this process is killed. Not every system can.
func namelessFile() (nameLink, error) {
	f, err := os.OpenFile(segmentDir, openFlags|unix.O_TMPFILE, 0o600)
	if err != nil {
		return nameLink{}, err
	}
	if _, err = os.Stat(descriptorPath(f)); err != nil { // it could not be linked
		_ = f.Close()
	}
	return nameLink{file: f}, err
}

func temporaryFile() (nameLink, error) {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	path := segmentPath("." + prefix + hex.EncodeToString(random[:]))
	f, err := os.OpenFile(path, openFlags|os.O_CREATE|os.O_EXCL, 0o600)
	return nameLink{f, path}, err
}

// segment makes the file one, and owns it from then on: after an error, or a panic of who fills it, it is closed and nothing
// is left of it.
func (l nameLink) segment(name string, size int, o *CreateOptions) (*mapping, string, error) {
	if l.temporary != "" {
		defer os.Remove(l.temporary)
	}
	made := false
	defer func() {
		if !made {
			_ = l.file.Close()
		}
	}()
	if err := l.write(int64(size), o); err != nil {
		return nil, "", err
	}
	m, err := newMapping(l.file, size, false)
	if err != nil {
		return nil, "", err
	}
	defer func() {
		if !made {
			_ = m.close()
		}
	}()
	if o.Fill != nil {
		if err := m.whole(o.Fill); err != nil {
			return nil, "", err
		}
	}
	if name, err = l.publish(name); err != nil {
		return nil, "", err
	}
	made = true
	return m, name, nil
}

// write gives the file its mode, its size, what Write writes, and the memory for the rest.
func (l nameLink) write(size int64, o *CreateOptions) error {
	if err := l.file.Chmod(o.Mode); err != nil { // whatever the umask
		return cause(err)
	}
	if err := l.file.Truncate(size); err != nil {
		return cause(err)
	}
	w := &bounded{l.file, size}
	if o.Write != nil {
		if err := o.Write(w); err != nil {
			return err
		}
	}
	if o.Sparse || w.room == 0 {
		return nil
	}
	return reserve(l.file, size)
}

// bounded writes to a file what there is room for.
type bounded struct {
	file *os.File
	room int64
}

func (b *bounded) Write(p []byte) (int, error) {
	whole := int64(len(p)) <= b.room
	if !whole {
		p = p[:b.room]
	}
	n, err := b.file.Write(p)
	b.room -= int64(n)
	if err == nil && !whole {
		err = io.ErrShortWrite
	}
	return n, cause(err)
}

// publish gives the file its name, one that is free if it has none.
func (l nameLink) publish(name string) (string, error) {
	if name != "" {
		return name, l.to(name)
	}
	for tries := 100; ; tries-- {
		name = newName()
		if err := l.to(name); tries == 0 || !errors.Is(err, fs.ErrExist) {
			return name, err
		}
	}
}

// to links the file to a name. It fails with fs.ErrExist where the name is taken.
func (l nameLink) to(name string) error {
	from := l.temporary
	if from == "" {
		from = descriptorPath(l.file)
	}
	return unix.Linkat(unix.AT_FDCWD, from, unix.AT_FDCWD, segmentPath(name), unix.AT_SYMLINK_FOLLOW)
}

// descriptorPath is a way to an open file that has no name.
func descriptorPath(f *os.File) string { return "/proc/self/fd/" + strconv.Itoa(int(f.Fd())) }

// reserveAtOnce is how much memory is asked for in one call: a signal undoes the call that it interrupts.
const reserveAtOnce = 64 << 20

// reserve gets the memory of the segment now. Else it is got at the first use of each page, and where there is none the
// process that uses it is killed; in containers /dev/shm is often small.
func reserve(f *os.File, size int64) error {
	var room unix.Statfs_t // not to take all that there is before it turns out to be too little
	if err := unix.Fstatfs(int(f.Fd()), &room); err == nil && room.Blocks > 0 &&
		uint64(size)/uint64(room.Bsize) > room.Bavail {
		return unix.ENOSPC
	}
	for at := int64(0); at < size; {
		n := min(size-at, reserveAtOnce)
		switch err := unix.Fallocate(int(f.Fd()), 0, at, n); {
		case err == nil:
			at += n
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSYS):
			return nil // not this file system
		default:
			return err
		}
	}
	return nil
}

// openSegment opens what has a name, if it is a segment.
func openSegment(name string, readOnly bool) (*os.File, error) {
	flags := os.O_RDWR
	if readOnly {
		flags = os.O_RDONLY
	}
	f, err := os.OpenFile(segmentPath(name), flags|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	switch {
	case errors.Is(err, unix.ELOOP), errors.Is(err, unix.EISDIR):
		return nil, ErrForeign
	case err != nil:
		return nil, cause(err)
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		_ = f.Close()
		return nil, ErrForeign
	}
	return f, nil
}

// unlinkSegment removes a name; where only is not nil, only if it is still that of only.
func unlinkSegment(name string, only os.FileInfo) error {
	path := segmentPath(name)
	if only != nil {
		if there, err := os.Lstat(path); err != nil {
			return cause(err)
		} else if !os.SameFile(only, there) {
			return ErrReplaced
		}
	}
	return unix.Unlink(path)
}

// createArena makes a file without a name that nobody can make shorter: Python makes one in /dev/shm and unlinks it.
func createArena(size int64) (*os.File, error) {
	fd, err := unix.MemfdCreate("pym", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "pym")
	if err = f.Truncate(size); err == nil {
		if err = reserve(f, size); err == nil {
			_, err = unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW)
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, cause(err)
	}
	return f, nil
}
