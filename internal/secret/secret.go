// Package secret reads and writes files that hold keys, and refuses those that somebody else could
// have read or put there. What is checked is what was opened, by its descriptor: a path may mean
// another file a moment later.
package secret

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// tooOpen are the permissions that the file of a secret must not have: to be read by the world, or changed by
// anybody but its owner. A group may read it, so that root can own the file of a service.
const tooOpen = 0o027

// maxLinks bounds a chain of symbolic links, as the system's own limit does.
const maxLinks = 40

// Error is a file that is not fit to hold a secret. It says nothing of what is in the file.
type Error struct {
	Path    string
	Problem string
	Remedy  string // what to do about it; a command where there is one
}

// Error says which file it is and what is wrong with it.
func (e *Error) Error() string { return e.Path + ": " + e.Problem }

// Read returns what a file holds that only its owner may change and only the owner and perhaps a group may read.
// The owner has to be this process's user or root, and the file a regular one of at most limit bytes: nothing else
// is read, and nothing is waited for, as opening a pipe would. Symbolic links at the end of the path are followed
// where they, too, belong to this user or root, for certificates and the secrets of containers are kept behind such.
// What is not fit is an *Error.
func Read(path string, limit int64) ([]byte, error) {
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := check(f, path, limit, tooOpen); err != nil {
		return nil, err
	}
	return readAll(f, path, limit)
}

// ReadPublic is Read for what is no secret but is trusted, such as the certificates of authorities: everybody may
// read it, and it may be anybody's, but not all the world may change it.
func ReadPublic(path string, limit int64) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := regular(info, path, limit); err != nil {
		return nil, err
	}
	if modes && info.Mode().Perm()&0o002 != 0 {
		return nil, &Error{path, fmt.Sprintf("everybody may change it: its mode is %04o", info.Mode().Perm()),
			"chmod o-w " + path}
	}
	return readAll(f, path, limit)
}

func readAll(f *os.File, path string, limit int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > limit { // it grew since it was checked
		return nil, tooLong(path, limit)
	}
	return text, nil
}

// open opens the file, through links that belong to this user or root.
func open(path string) (*os.File, error) {
	at := path
	for range maxLinks {
		f, err := openNoFollow(at)
		if !errors.Is(err, errLink) {
			return f, err
		}
		if info, err := os.Stat(at); err == nil && !info.Mode().IsRegular() {
			return nil, notRegular(path, info.Mode())
		}
		to, err := readLink(at)
		if err != nil {
			return nil, err
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(at), to)
		}
		at = to
	}
	return nil, &Error{path, "too many symbolic links", "name the file itself"}
}

// readLink reads a symbolic link of this user or root.
func readLink(path string) (string, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return "", err
	}
	if uid, known := ownerOf(info); known && !trusted(uid) {
		return "", &Error{path, fmt.Sprintf("a symbolic link of another user (%d)", uid), "name the file itself"}
	}
	return os.Readlink(path)
}

// check is the one that every file of a secret passes; bad are the permissions that it must not have.
func check(f *os.File, path string, limit int64, bad os.FileMode) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := regular(info, path, limit); err != nil {
		return err
	}
	if uid, known := ownerOf(info); known && !trusted(uid) {
		return &Error{path, fmt.Sprintf("it belongs to another user (%d), who may change it", uid),
			fmt.Sprintf("chown %d %s", os.Geteuid(), path)}
	}
	if mode := info.Mode().Perm(); modes && mode&bad != 0 {
		return &Error{path, fmt.Sprintf("other users may read or change it: its mode is %04o", mode),
			"chmod 600 " + path}
	}
	return nil
}

func regular(info os.FileInfo, path string, limit int64) error {
	switch {
	case !info.Mode().IsRegular():
		return notRegular(path, info.Mode())
	case info.Size() > limit:
		return tooLong(path, limit)
	}
	return nil
}

func notRegular(path string, mode os.FileMode) error {
	switch {
	case mode.IsDir():
		return &Error{path, "a folder, and no file", "name the file in it"}
	case mode&os.ModeNamedPipe != 0:
		return &Error{path, "a pipe, and no file",
			"name a regular file; an authkey may come through a descriptor (--authkey-fd)"}
	}
	return &Error{path, "no regular file", "name a regular file"}
}

func tooLong(path string, limit int64) error {
	return &Error{path, fmt.Sprintf("longer than %d bytes", limit), "is it the right file?"}
}

// trusted tells whether a user's files may hold our secrets: our own and root's, who can do anything anyway.
func trusted(uid int) bool { return uid == 0 || uid == os.Geteuid() }
