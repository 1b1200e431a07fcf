package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"mpbridge/managers"
)

// snapshotFile is where serve keeps what it holds while it does not run. "" means nowhere.
type snapshotFile string

// loadedSuffix marks a snapshot that a server has taken over: were it read twice, items would be there
// twice.
const loadedSuffix = ".loaded"

// load fills the server with what the last one left, if there is any.
func (path snapshotFile) load(s *managers.Server, log *slog.Logger) error {
	if path == "" {
		return nil
	}
	// Better now than when there is something to lose.
	probe, err := path.temporary()
	if err != nil {
		return err
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return err
	}
	f, err := os.Open(string(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	defer f.Close()
	if err := s.Restore(f); err != nil {
		return &hintError{fmt.Errorf("restoring %s: %w", path, err),
			"offer what it holds under the same names, or move the file away"}
	}
	log.Info("restored", "snapshot", string(path), "items", s.Stats().Items)
	return os.Rename(string(path), string(path)+loadedSuffix)
}

// temporary opens a new file beside the snapshot, which nobody else may read.
func (path snapshotFile) temporary() (*os.File, error) {
	f, err := os.CreateTemp(filepath.Dir(string(path)), filepath.Base(string(path))+".*")
	if err != nil {
		return nil, fmt.Errorf("keeping a snapshot: %v", err)
	}
	return f, nil
}

// save writes the snapshot whole or not at all.
func (path snapshotFile) save(s *managers.Server, log *slog.Logger) (err error) {
	if path == "" {
		return nil
	}
	f, err := path.temporary()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("writing the snapshot: %v", errors.Join(err, f.Close(), os.Remove(f.Name())))
		}
	}()
	if err := s.Snapshot(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), string(path)); err != nil {
		return err
	}
	log.Info("saved", "snapshot", string(path))
	_ = os.Remove(string(path) + loadedSuffix) // what it held is in the new one, or was taken
	return f.Close()
}
