package snapshots

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"mpbridge/managers"
)

// What stands behind the path in the names of the other files.
const (
	previousSuffix = ".previous"
	newSuffix      = ".new"
	lockSuffix     = ".lock"
	loadedSuffix   = ".loaded" // in earlier versions: what a server had taken over
	longestSuffix  = previousSuffix + newSuffix
)

// Source is which generation Load takes.
type Source string

// The sources. Previous and Nothing are for one start each: what they pass over is kept under another name.
const (
	Newest   Source = "newest"
	Previous Source = "previous"
	Nothing  Source = "none"
)

// Options are the settings of Open; nil means all defaults.
type Options struct {
	// Wait is for how long Open waits for another server to let go of the files; 0 means not at all.
	Wait time.Duration
	// From is what Load takes; "" means Newest.
	From Source
	// Fallback is a folder for the last generation of a server, where it cannot be saved beside the path:
	// another disk. Load finds it there. "" means none.
	Fallback string
	// ObjectWait is server.SnapshotOptions.Wait.
	ObjectWait time.Duration
	// Logger gets what was found and saved, with paths; nil means nobody.
	Logger *slog.Logger
}

// Store is the files of one path, which belong to this process from Open to Close. Its methods may be
// called concurrently.
type Store struct {
	opts     Options
	path     string
	fallback string // path of the file there; "" where there is none
	log      *slog.Logger
	step     func(name string) error // of tests: fails before a step is taken

	ending atomic.Bool // SaveLast has begun

	mu         sync.Mutex // all below
	lock       *lockFile
	generation uint64                 // the highest that is known
	current    *managers.SnapshotInfo // what is at the path; nil for nothing
	previous   *managers.SnapshotInfo
	crashed    bool   // an earlier version did not end in order
	failing    bool   // the last save
	work       uint64 // workOf the server, at the last save
}

// Open makes the files of a path this process's own. It fails with an *OwnedError while another server has
// them, and where the folder, or that of Options.Fallback, is not there or cannot be written to.
func Open(ctx context.Context, path string, o *Options) (*Store, error) {
	st := &Store{}
	if o != nil {
		st.opts = *o
	}
	switch st.opts.From {
	case "":
		st.opts.From = Newest
	case Newest, Previous, Nothing:
	default:
		return nil, fmt.Errorf("snapshots: %q is none of newest, previous, none", st.opts.From)
	}
	if st.log = st.opts.Logger; st.log == nil {
		st.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if st.path, err = resolved(path); err != nil {
		return nil, err
	}
	if st.opts.Fallback != "" {
		if err := tryFolder(st.opts.Fallback); err != nil {
			return nil, err
		}
		sum := sha256.Sum256([]byte(st.path)) // servers may share the folder
		st.fallback, err = filepath.Abs(filepath.Join(st.opts.Fallback,
			filepath.Base(st.path)+"."+hex.EncodeToString(sum[:4])))
		if err != nil {
			return nil, err
		}
	}
	st.lock, err = acquire(ctx, st.path+lockSuffix, st.opts.Wait, st.log)
	return st, err
}

// tryFolder makes a file in a folder, and removes it. Whoever needs the folder at the very end learns at the start that
// it is of no use.
func tryFolder(path string) error {
	f, err := os.CreateTemp(path, ".mpbridge-*")
	if err != nil {
		return fmt.Errorf("snapshots: the fallback folder: %w", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// resolved is a path that stays good: absolute, and that of the file itself where it is a symbolic link, which
// a rename would replace.
func resolved(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if path, err = follow(path); err != nil {
		return "", err
	}
	if _, err := os.Lstat(path + longestSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("snapshots: %w", err) // the name is too long, say
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("snapshots: %s is not a regular file", path)
	}
	return path, err
}

// maxLinks is how many symbolic links lead to a file at most, as with Linux.
const maxLinks = 40

// follow follows symbolic links, also to a file that is not there yet.
func follow(path string) (string, error) {
	for range maxLinks {
		if folder, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
			path = filepath.Join(folder, filepath.Base(path))
		}
		target, err := os.Readlink(path)
		if err != nil { // it is no link
			return path, nil
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	return "", fmt.Errorf("snapshots: %s: symbolic links that lead nowhere", path)
}

// Path is where the newest generation is.
func (st *Store) Path() string { return st.path }

// Unused notes that the server that was loaded never served: the next start finds the files as this one did,
// and not as if a server had crashed.
func (st *Store) Unused() error {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.lock.giveBack()
}

// Close lets another server have the files. What was not saved is lost.
func (st *Store) Close() error {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.lock.close()
}

// at is where the fault of a test would be.
func (st *Store) at(step string) error {
	if st.step == nil {
		return nil
	}
	return st.step(step)
}
