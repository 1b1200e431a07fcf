package snapshots

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/server"
)

// DamagedError says that a generation is damaged, or none. Nothing was changed.
type DamagedError struct {
	Path string
	Err  error // a *server.SnapshotError
}

func (e *DamagedError) Error() string { return fmt.Sprintf("snapshots: %s: %v", e.Path, e.Err) }

// Unwrap returns why.
func (e *DamagedError) Unwrap() error { return e.Err }

// MissingError says that a generation was saved and is not there. Nothing was changed.
type MissingError struct {
	Path       string
	Generation uint64 // 0 where it is not known
	Previous   string // the path of the one before, if it is there
}

func (e *MissingError) Error() string {
	text := fmt.Sprintf("snapshots: %s is gone", e.Path)
	if e.Generation > 0 {
		text += fmt.Sprintf(", generation %d of which was saved", e.Generation)
	}
	if e.Previous != "" {
		text += "; " + e.Previous + " is there"
	}
	return text
}

// Found is what Load found.
type Found struct {
	// Path is the file that was loaded; "" where there was none.
	Path string
	// Info is what it held.
	Info managers.SnapshotInfo
	// Orderly tells that the last server ended in order, and that this is what it held at its end.
	Orderly bool
	// Before is the last server, as far as it is known.
	Before *Owner
	// Filled are the objects that the newest generation skipped and that came from the previous one;
	// Lacking are those that are in neither, and are as they were registered.
	Filled, Lacking []string
}

// Load fills a server, before it serves, with the generation of Options.From, and logs what it found. Where
// there never was one it fills in nothing. A generation that is damaged is a *DamagedError, one that is gone
// a *MissingError; neither changes any file.
func (st *Store) Load(s *server.Server) (Found, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	found := Found{Before: st.lock.before}
	if found.Before != nil {
		st.generation = found.Before.Generation
	}
	if err := st.choose(); err != nil {
		return found, err
	}
	var err error
	if found.Path, found.Info, err = st.newest(); err != nil {
		return found, err
	}
	if found.Path != "" {
		if err := st.fill(s, &found); err != nil {
			return found, err
		}
	}
	if err := st.lock.take(st.generation); err != nil {
		return found, err
	}
	st.work = workOf(s)
	found.Orderly = st.orderly(found)
	st.report(&found)
	return found, nil
}

// orderly reports whether the last server ended in order. One that was killed after it had saved all that it
// held has lost nothing either.
func (st *Store) orderly(f Found) bool {
	switch {
	case st.lock.torn || st.crashed:
		return false
	case f.Before == nil:
		return f.Path == "" || f.Info.Format == 1 || f.Info.Final
	case f.Path == "":
		return f.Before.Stopped
	}
	return f.Info.Final && (f.Before.Stopped || f.Info.Generation > f.Before.Generation)
}

// choose carries out Options.From: what must not be loaded gets another name.
func (st *Store) choose() error {
	switch st.opts.From {
	case Previous:
		if path, _, err := st.latest(st.path + previousSuffix); err != nil {
			return err
		} else if path == "" {
			return &MissingError{Path: st.path + previousSuffix}
		}
		if err := st.putAside(st.path, st.path+newSuffix, st.path+loadedSuffix, st.fallback); err != nil {
			return err
		}
		return st.rename(st.path+previousSuffix, st.path)
	case Nothing:
		return st.putAside(st.path, st.path+newSuffix, st.path+loadedSuffix, st.path+previousSuffix, st.fallback)
	}
	return nil
}

// putAside gives files that are there another name.
func (st *Store) putAside(paths ...string) error {
	stamp := time.Now().UTC().Format("20060102T150405.000000000Z")
	for _, path := range paths {
		if path == "" || !exists(path) {
			continue
		}
		aside := path + ".aside-" + stamp
		if err := st.rename(path, aside); err != nil {
			return err
		}
		st.log.Warn("put aside", "snapshot", path, "as", aside)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// newest finds the newest whole generation. It returns "" where there never was one.
func (st *Store) newest() (path string, info managers.SnapshotInfo, err error) {
	if err := st.finish(); err != nil {
		return "", info, err
	}
	path, info, err = st.latest(st.path, st.fallback)
	if err == nil && path == "" {
		err = st.missing()
	}
	if err != nil || path == "" {
		return "", info, err
	}
	if info.Generation < st.generation {
		st.log.Warn("an older generation than the last that was saved", "snapshot", path,
			"generation", info.Generation, "saved", st.generation)
	}
	st.current, st.previous = st.whole(st.path), st.whole(st.path+previousSuffix)
	for _, i := range []*managers.SnapshotInfo{&info, st.current, st.previous} {
		if i != nil {
			st.generation = max(st.generation, i.Generation)
		}
	}
	return path, info, nil
}

// whole returns what a file holds, nil where it is no whole generation.
func (st *Store) whole(path string) *managers.SnapshotInfo {
	info, err := check(path)
	if err != nil {
		return nil
	}
	return &info
}

// latest returns which of the files is the newest.
func (st *Store) latest(paths ...string) (newest string, info managers.SnapshotInfo, err error) {
	for _, path := range paths {
		if path == "" {
			continue
		}
		i, err := check(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case errors.Is(err, server.ErrSnapshot):
			return "", info, &DamagedError{path, err}
		case err != nil:
			return "", info, fmt.Errorf("reading %s: %w", path, err)
		case newest == "" || i.Generation > info.Generation:
			newest, info = path, i
		}
	}
	return newest, info, nil
}

// finish ends what an earlier server began: a generation that was written whole and did not take its place
// takes it, and so does what an earlier version had taken over. A torn one is of no use beside a whole one.
func (st *Store) finish() error {
	written, err := check(st.path + newSuffix)
	switch {
	case err == nil:
		if err := st.finishRename(written); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		st.log.Warn("the last server ended while it saved: what it had written is torn",
			"file", st.path+newSuffix, "error", err)
	}
	if !exists(st.path) && exists(st.path+loadedSuffix) {
		st.crashed = true
		return st.rename(st.path+loadedSuffix, st.path)
	}
	return nil
}

// finishRename lets a generation take its place that is newer than the one which is there.
func (st *Store) finishRename(written managers.SnapshotInfo) error {
	newest, err := check(st.path)
	absent := errors.Is(err, fs.ErrNotExist)
	if !absent && (err != nil || written.Generation <= newest.Generation) {
		return nil
	}
	st.log.Warn("a generation was written whole and had not taken its place: it does now", "snapshot", st.path,
		"generation", written.Generation)
	if !absent {
		st.current, st.previous = &newest, st.whole(st.path+previousSuffix)
		if err := st.rotate(); err != nil {
			return err
		}
	}
	return st.rename(st.path+newSuffix, st.path)
}

// missing is the error where no generation is there but one was. Otherwise what was torn when the first one
// was written is all that there is, and is kept.
func (st *Store) missing() error {
	previous := st.path + previousSuffix
	if !exists(previous) {
		previous = ""
	}
	if st.opts.From != Nothing && (st.generation > 0 || previous != "") {
		return &MissingError{st.path, st.generation, previous}
	}
	return st.putAside(st.path + newSuffix)
}

// fill restores the newest generation, and from the previous one what it lacks.
func (st *Store) fill(s *server.Server, found *Found) error {
	if err := restore(s, found.Path, nil); err != nil {
		return err
	}
	lacking := found.Info.Skipped
	if len(lacking) > 0 && st.previous != nil {
		if err := restore(s, st.path+previousSuffix, &server.RestoreOptions{Only: lacking}); err != nil {
			return err
		}
		for _, name := range lacking {
			if !slices.Contains(st.previous.Skipped, name) {
				found.Filled = append(found.Filled, name)
			}
		}
	}
	for _, name := range lacking {
		if !slices.Contains(found.Filled, name) {
			found.Lacking = append(found.Lacking, name)
		}
	}
	return nil
}

func restore(s *server.Server, path string, o *server.RestoreOptions) error {
	f, err := openRegular(path, os.O_RDONLY)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err = s.Restore(f, o); err != nil {
		return fmt.Errorf("restoring %s: %w", path, err)
	}
	return nil
}

// report logs what was found.
func (st *Store) report(f *Found) {
	if f.Path == "" {
		if !f.Orderly && st.opts.From != Nothing {
			st.log.Warn("the last server did not end in order and had saved nothing: what it held is lost",
				"snapshot", st.path, "owner", ownerText(f.Before))
			return
		}
		st.log.Info("begins with nothing", "snapshot", st.path)
		return
	}
	end := "in order"
	if f.Info.Format == 1 {
		end = "unknown"
	}
	if !f.Orderly {
		end = "not in order"
		st.log.Warn("the last server did not end in order: what changed after it had saved is lost, and items "+
			"that were taken since are delivered again", "saved", age(f.Info), "owner", ownerText(f.Before))
	}
	for _, name := range f.Filled {
		st.log.Warn("taken from the generation before", "object", name, "saved", age(*st.previous))
	}
	for _, name := range f.Lacking {
		st.log.Error("in no generation", "object", name)
	}
	st.log.Info("restored", "snapshot", f.Path, "generation", f.Info.Generation, "saved", age(f.Info),
		"end", end, "objects", f.Info.Objects, "items", f.Info.Items)
}

func ownerText(o *Owner) string {
	if o == nil {
		return "unknown"
	}
	return o.String()
}

// age says when a generation was written.
func age(i managers.SnapshotInfo) string {
	if i.Time.IsZero() {
		return "at an unknown time"
	}
	return fmt.Sprintf("%s, %v ago", i.Time.Format(time.RFC3339), time.Since(i.Time).Round(time.Second))
}
