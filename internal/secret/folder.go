package secret

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ownOnly are the permissions that nobody has to what this process made for itself.
const ownOnly = 0o077

// Save keeps a secret in a file of a folder that is this user's alone, and replaces what was there in one step. The
// folder is made where there is none. One that is another's, or open to others, or a link is refused as an *Error and
// left as it is.
func Save(folder, name string, text []byte) error {
	d, err := openFolder(folder, true)
	if err != nil {
		return err
	}
	defer d.close()
	return d.write(name, text)
}

// Kept returns what Save kept; the error is os.ErrNotExist where nothing was. What Save would not have made is an
// *Error.
func Kept(folder, name string, limit int64) ([]byte, error) {
	d, err := openFolder(folder, false)
	if err != nil {
		return nil, err
	}
	defer d.close()
	f, err := d.open(name)
	if errors.Is(err, errLink) {
		return nil, &Error{d.path(name), "a symbolic link, and no file", "rm " + d.path(name)}
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := check(f, d.path(name), limit, ownOnly); err != nil {
		return nil, err
	}
	return readAll(f, d.path(name), limit)
}

// makeFolder makes the folder, unless there is something of its name.
func makeFolder(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}

// checkFolder is about the folder that was opened.
func checkFolder(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if uid, known := ownerOf(info); known && uid != os.Geteuid() {
		return &Error{f.Name(), fmt.Sprintf("a folder for keys that belongs to another user (%d)", uid),
			"have it removed, or set XDG_RUNTIME_DIR or TMPDIR to a folder of your own"}
	}
	if mode := info.Mode().Perm(); modes && mode&ownOnly != 0 {
		return &Error{f.Name(), fmt.Sprintf("a folder for keys that others may use: its mode is %04o", mode),
			"look at what is in it, then chmod 700 " + f.Name()}
	}
	return nil
}
