package snapshots

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"
)

// Owner is who has the files of a path, or had them last, as the lock file says.
type Owner struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
	// Generation is the one that it saved last, or found.
	Generation uint64 `json:"generation"`
	// Stopped tells that it ended in order: what it saved last is all that it had.
	Stopped bool `json:"stopped"`
}

func (o Owner) String() string {
	if o.PID == 0 {
		return "another process"
	}
	return fmt.Sprintf("process %d on %s, since %s", o.PID, o.Host, o.Since.Format(time.RFC3339))
}

// OwnedError says that another server has the files.
type OwnedError struct {
	Path  string // of the lock file
	Owner Owner
}

func (e *OwnedError) Error() string {
	return fmt.Sprintf("snapshots: %s is locked by %v", e.Path, e.Owner)
}

// maxRecord bounds what is read of a lock file.
const maxRecord = 4 << 10

// lockEvery is how often a lock is asked for that another server has.
const lockEvery = 50 * time.Millisecond

// errLocked says that another process has the lock.
var errLocked = errors.New("snapshots: locked")

// lockFile is a file that this process has locked, with a record of who that is. It is never removed: who
// waits for it would then lock what nobody else looks at any more.
type lockFile struct {
	path   string
	file   *os.File
	before *Owner // who had it last; nil where nobody had, or where that cannot be read
	torn   bool   // there was a record, which cannot be read
	owner  Owner
}

// acquire locks a file, and waits for that up to the given time.
func acquire(ctx context.Context, path string, wait time.Duration, log *slog.Logger) (*lockFile, error) {
	end := time.Now().Add(wait)
	for told := false; ; told = true {
		l, err := tryAcquire(path)
		owned := (*OwnedError)(nil)
		if !errors.As(err, &owned) || !time.Now().Before(end) {
			return l, err
		}
		if !told {
			log.Info("waits for the snapshot's owner", "owner", owned.Owner.String(), "at_most", wait)
		}
		select {
		case <-time.After(lockEvery):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// tryAcquire locks a file now or not at all.
func tryAcquire(path string) (*lockFile, error) {
	f, err := openRegular(path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	l := &lockFile{path: path, file: f}
	err = lock(f)
	if err == nil && !l.mine() { // it was put out of the way while we waited
		err = errLocked
	}
	record, torn := l.read()
	if err != nil {
		_ = f.Close()
		if errors.Is(err, errLocked) {
			return nil, &OwnedError{path, orNobody(record)}
		}
		return nil, fmt.Errorf("snapshots: locking %s: %w", path, err)
	}
	l.before, l.torn = record, torn
	return l, nil
}

func orNobody(o *Owner) Owner {
	if o == nil {
		return Owner{}
	}
	return *o
}

// read reads the record; nil where there is none or a torn one.
func (l *lockFile) read() (*Owner, bool) {
	text, err := io.ReadAll(io.NewSectionReader(l.file, 0, maxRecord))
	if err != nil || len(text) == 0 {
		return nil, err != nil
	}
	o := &Owner{}
	if json.Unmarshal(text, o) != nil {
		return nil, true
	}
	return o, false
}

// note writes the record anew.
func (l *lockFile) note(generation uint64, stopped bool) error {
	l.owner.Generation, l.owner.Stopped = generation, stopped
	text, err := json.Marshal(l.owner)
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if _, err := l.file.WriteAt(text, 0); err != nil {
		return err
	}
	return errors.Join(l.file.Truncate(int64(len(text))), l.file.Sync())
}

// take notes that this process has the files from now on.
func (l *lockFile) take(generation uint64) error {
	host, _ := os.Hostname() // without one the record still has the rest
	l.owner = Owner{PID: os.Getpid(), Host: host, Since: time.Now().Truncate(time.Second)}
	return l.note(generation, false)
}

// giveBack leaves the record as it was before take.
func (l *lockFile) giveBack() error {
	if l.before == nil {
		return l.file.Truncate(0)
	}
	l.owner = *l.before
	return l.note(l.owner.Generation, l.owner.Stopped)
}

// mine reports whether the file that is locked is still the one that others would lock.
func (l *lockFile) mine() bool {
	ours, err := l.file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(l.path)
	return err == nil && os.SameFile(ours, there)
}

// again locks the file that is now in place of the one that was locked.
func (l *lockFile) again() error {
	next, err := tryAcquire(l.path)
	if err != nil {
		return err
	}
	_ = l.file.Close()
	l.file = next.file
	return l.note(l.owner.Generation, l.owner.Stopped)
}

func (l *lockFile) close() error { return l.file.Close() }
