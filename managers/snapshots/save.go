package snapshots

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/server"
)

// retryEvery is how often the last save is tried again.
const retryEvery = 250 * time.Millisecond

// openRegular opens a file that is one, and waits for nobody.
func openRegular(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, flags|noBlock, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("snapshots: %s is not a regular file", path)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// errEnding is why there is no save beside the last one.
var errEnding = errors.New("snapshots: the server stops, and the last generation is saved")

// Save writes a new generation. Where it fails the generations that there are stay as they are. During SaveLast
// it fails.
func (st *Store) Save(s *server.Server) (managers.SnapshotInfo, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.ending.Load() {
		return managers.SnapshotInfo{}, errEnding
	}
	return st.save(s)
}

func (st *Store) save(s *server.Server) (managers.SnapshotInfo, error) {
	began := time.Now()
	work := workOf(s)
	info, err := st.write(s)
	if err != nil {
		st.failing = true
		return info, fmt.Errorf("saving %s: %w", st.path, err)
	}
	st.failing, st.work = false, work
	if err := st.lock.note(st.generation, info.Final); err != nil {
		st.log.Warn("the lock file does not say what was saved", "error", err)
	}
	for _, name := range info.Skipped {
		st.log.Error("not saved: a call that does not end holds it", "object", name, "generation", info.Generation)
	}
	st.log.Info("saved", "snapshot", st.path, "generation", info.Generation, "objects", info.Objects,
		"items", info.Items, "bytes", info.Bytes, "took", time.Since(began).Round(time.Millisecond))
	return info, nil
}

// write writes a generation beside the newest one and lets it take its place.
func (st *Store) write(s *server.Server) (info managers.SnapshotInfo, err error) {
	if !st.lock.mine() {
		if err := st.lock.again(); err != nil {
			return info, fmt.Errorf("the lock was lost: %w", err)
		}
		st.log.Warn("the lock file was gone, and is locked again", "path", st.lock.path)
	}
	if info, err = st.writeNew(s, st.path+newSuffix); err != nil {
		return info, err
	}
	if err = st.rotate(); err == nil {
		err = st.rename(st.path+newSuffix, st.path)
	}
	if err != nil {
		return info, errors.Join(err, os.Remove(st.path+newSuffix))
	}
	st.generation, st.current = info.Generation, &info
	return info, nil
}

// writeNew writes a generation to a file of its own, and reads it again.
func (st *Store) writeNew(s *server.Server, path string) (info managers.SnapshotInfo, err error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return info, err
	}
	if err := st.at("create"); err != nil {
		return info, err
	}
	f, err := openRegular(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return info, err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(path) // it takes room, perhaps the last there is
		}
	}()
	info, err = s.Snapshot(f, &server.SnapshotOptions{Generation: st.generation + 1, Wait: st.opts.ObjectWait})
	if err == nil {
		err = st.at("sync")
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return info, err
	}
	return info, st.verify(path, info)
}

// verify reads what was written.
func (st *Store) verify(path string, info managers.SnapshotInfo) error {
	if err := st.at("verify"); err != nil {
		return err
	}
	read, err := check(path)
	if err == nil && (read.Bytes != info.Bytes || read.Generation != info.Generation) {
		err = server.ErrSnapshot
	}
	if err != nil {
		return fmt.Errorf("what was written cannot be read: %w", err)
	}
	return nil
}

// check reads a generation to its end.
func check(path string) (managers.SnapshotInfo, error) {
	f, err := openRegular(path, os.O_RDONLY)
	if err != nil {
		return managers.SnapshotInfo{}, err
	}
	defer f.Close()
	return server.CheckSnapshot(f)
}

// rotate makes the newest generation the previous one, unless that would drive out one that has what the
// newest has not. The newest stays where it is, if the file system has hard links.
func (st *Store) rotate() error {
	if st.current == nil || len(st.current.Skipped) > 0 && st.previous != nil {
		return nil
	}
	if err := st.at("rotate"); err != nil {
		return err
	}
	link := st.path + longestSuffix
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	from := st.path
	if os.Link(st.path, link) == nil {
		from = link
	}
	if err := st.rename(from, st.path+previousSuffix); err != nil {
		if errors.Is(err, fs.ErrNotExist) { // somebody took the newest away: there is nothing to keep
			return nil
		}
		return err
	}
	st.previous = st.current
	return nil
}

// rename renames a file, durably.
func (st *Store) rename(from, to string) error {
	if err := st.at("rename " + filepath.Base(to)); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}

// SaveError says that the last generation of a server could not be saved: what it held is lost except for what
// is in the generations before.
type SaveError struct {
	Path string
	Err  error
}

func (e *SaveError) Error() string {
	return fmt.Sprintf("snapshots: nothing could be saved for %s: %v", e.Path, e.Err)
}

// Unwrap returns why.
func (e *SaveError) Unwrap() error { return e.Err }

// pass waits for a save that is under way.
func (st *Store) pass() {
	st.mu.Lock()
	defer st.mu.Unlock()
}

// settlement is how long the last save waits for connections that were cut: one whose call was a save is there
// until that is over, and with it a generation would not be the final one.
const settlement = time.Second

// settle waits for the last connections of a server that has stopped. One whose call never ends stays.
func settle(s *server.Server) {
	for end := time.Now().Add(settlement); s.Stats().Connections > 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}

// SaveLast saves what a server holds that has stopped. It tries at least once, makes the folder anew where
// it is gone, then tries Options.Fallback, and both again until ctx ends. The error is a *SaveError.
func (st *Store) SaveLast(ctx context.Context, s *server.Server) (managers.SnapshotInfo, error) {
	st.ending.Store(true)
	defer st.ending.Store(false)
	st.pass()
	settle(s)
	st.mu.Lock()
	defer st.mu.Unlock()
	for told := false; ; told = true {
		info, err := st.save(s)
		if err == nil {
			return info, nil
		}
		if errors.Is(err, fs.ErrNotExist) && os.MkdirAll(filepath.Dir(st.path), 0o700) == nil {
			if info, err = st.save(s); err == nil {
				st.log.Warn("the snapshot's folder was gone, and was made anew", "snapshot", st.path)
				return info, nil
			}
		}
		if !told {
			st.log.Error("the snapshot cannot be saved", "error", err)
		}
		if st.fallback != "" {
			var elsewhere error
			if info, elsewhere = st.saveElsewhere(s); elsewhere == nil {
				return info, nil
			}
			err = errors.Join(err, elsewhere)
		}
		select {
		case <-time.After(retryEvery):
		case <-ctx.Done():
			return info, &SaveError{st.path, err}
		}
	}
}

// saveElsewhere saves a generation in the folder of Options.Fallback.
func (st *Store) saveElsewhere(s *server.Server) (managers.SnapshotInfo, error) {
	if err := os.MkdirAll(filepath.Dir(st.fallback), 0o700); err != nil { // it was there at the start
		return managers.SnapshotInfo{}, fmt.Errorf("saving %s: %w", st.fallback, err)
	}
	info, err := st.writeNew(s, st.fallback+newSuffix)
	if err == nil {
		err = st.rename(st.fallback+newSuffix, st.fallback)
	}
	if err != nil {
		return info, fmt.Errorf("saving %s: %w", st.fallback, err)
	}
	st.generation = info.Generation
	st.log.Error("saved in the fallback folder", "snapshot", st.fallback, "generation", info.Generation,
		"items", info.Items)
	if err := st.lock.note(st.generation, info.Final); err != nil {
		st.log.Warn("the lock file does not say what was saved", "error", err)
	}
	return info, nil
}

// workOf is a number that grows with what is done to the queues and asked of the server, and when an item that
// was taken, which a snapshot has, is known to be the client's.
func workOf(s *server.Server) uint64 {
	st := s.Stats()
	n := st.Requests
	for _, q := range st.Queues {
		n += q.Puts + q.Gets + q.Returned - uint64(q.InFlight)
	}
	return n
}

// Every saves in intervals, until ctx ends: once something was done since the save before, and
// no more often than leaves nine tenths of the time without a save. What fails is logged.
func (st *Store) Every(ctx context.Context, s *server.Server, interval time.Duration) {
	pause := interval
	for {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		began := time.Now()
		st.saveChanged(s)
		pause = max(interval, 9*time.Since(began))
	}
}

func (st *Store) saveChanged(s *server.Server) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if !st.failing && st.current != nil && len(st.current.Skipped) == 0 && workOf(s) == st.work {
		return
	}
	if _, err := st.save(s); err != nil {
		st.log.Error("the snapshot cannot be saved", "error", err)
	}
}
