//go:build !unix

package secret

import (
	"errors"
	"os"
	"path/filepath"
)

// modes says that permissions of files mean nothing here: access lists decide, which a folder hands down.
const modes = false

const nonblock = 0

// errLink is never returned: links need a right of their own here, and are followed.
var errLink = errors.New("a symbolic link")

func ownerOf(os.FileInfo) (uid int, known bool) { return 0, false }

func openNoFollow(path string) (*os.File, error) { return os.Open(path) }

type folder struct{ f *os.File }

func openFolder(path string, make bool) (*folder, error) {
	if make {
		if err := makeFolder(path); err != nil {
			return nil, err
		}
	}
	f, err := os.Open(path)
	if err != nil {
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

func (d *folder) open(name string) (*os.File, error) { return os.Open(d.path(name)) }

func (d *folder) write(name string, text []byte) error {
	f, err := os.CreateTemp(d.f.Name(), "*.new")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), d.path(name))
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
