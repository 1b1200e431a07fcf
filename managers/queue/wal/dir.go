package wal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Dir returns a folder of the system as an FS. It is made if it is not there, for its owner alone.
func Dir(path string) (FS, error) {
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("wal: %s is no folder", path)
	}
	return dir(path), nil
}

type dir string

func (d dir) path(name string) string { return filepath.Join(string(d), name) }

func (d dir) List() (names []string, err error) {
	entries, err := os.ReadDir(string(d))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

func (d dir) open(name string, flag int) (File, error) {
	f, err := os.OpenFile(d.path(name), os.O_RDWR|flag|noFollow, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (d dir) Open(name string) (File, error) { return d.open(name, 0) }

func (d dir) Create(name string) (File, error) { return d.open(name, os.O_CREATE|os.O_TRUNC) }

func (d dir) Rename(from, to string) error { return os.Rename(d.path(from), d.path(to)) }

func (d dir) Remove(name string) error { return os.Remove(d.path(name)) }

func (d dir) SyncDir() error { return syncDir(string(d)) }

func (d dir) Capacity() int64 { return capacity(string(d)) }

func (d dir) Lock() (io.Closer, error) {
	f, err := os.OpenFile(d.path(lockFile), os.O_RDWR|os.O_CREATE|noFollow, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// osFile is a file of the system.
type osFile struct{ *os.File }

func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (f osFile) Allocate(off, n int64) error { return allocate(f.File, off, n) }

func (f osFile) Sync() error { return syncData(f.File) }
