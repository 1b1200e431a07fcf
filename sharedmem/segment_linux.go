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

// segment makes the file one, and owns it from then on, also after an error.
func (l nameLink) segment(name string, size int, o *CreateOptions) (*mapping, string, error) {
	m, err := l.fill(size, o)
	if err == nil {
		if name, err = l.publish(name); err != nil {
			_ = m.close()
		}
	}
	if l.temporary != "" {
		_ = os.Remove(l.temporary)
	}
	if err != nil {
		return nil, "", err
	}
	return m, name, nil
}

// fill gives the file its size and what is in it, and maps it. After an error the file is closed.
func (l nameLink) fill(size int, o *CreateOptions) (*mapping, error) {
	err := l.file.Chmod(o.Mode) // whatever the umask
	if err == nil {
		err = l.file.Truncate(int64(size))
	}
	written := int64(0)
	if err == nil && o.Write != nil {
		w := &bounded{l.file, int64(size)}
		err = o.Write(w)
		written = int64(size) - w.room
	}
	if err == nil && !o.Sparse && written < int64(size) {
		err = reserve(l.file, int64(size))
	}
	if err != nil {
		_ = l.file.Close()
		return nil, cause(err)
	}
	m, err := newMapping(l.file, size, false)
	if err == nil && o.Fill != nil {
		if err = m.whole(o.Fill); err != nil {
			_ = m.close()
		}
	}
	return m, err
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
func unlinkSegment(name string, only *os.File) error {
	path := segmentPath(name)
	if only != nil {
		ours, err := only.Stat()
		if err != nil {
			return cause(err)
		}
		if theirs, err := os.Lstat(path); err != nil {
			return cause(err)
		} else if !os.SameFile(ours, theirs) {
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
