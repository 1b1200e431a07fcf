package files

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"sync"
	"time"
)

// Follower reads the records of a file as they are appended, also when the file is not there yet, when it gets another
// name and a new one takes its place, and when it is cut. Linux tells of each file that had the name since Follow, however
// short; elsewhere, of several within a moment it sees the last alone. One goroutine may call Next; Close may be called
// from any.
type Follower struct {
	path    string
	o       *FollowOptions
	changes *changes

	mu     sync.Mutex // files, closed; Next holds it but while it waits
	files  []*lines   // the oldest first; the last has the name, or had it
	closed bool
}

// Follow follows a file. Its folder has to be there.
func Follow(path string, o *FollowOptions) (*Follower, error) {
	c, err := o.check()
	if err != nil {
		return nil, err
	}
	f := &Follower{path: path, o: c}
	if f.changes, err = watchFolderOf(path); err != nil {
		return nil, err
	}
	if err = f.look(); err == nil && c.FromEnd && len(f.files) > 0 {
		err = f.files[0].toEnd()
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// Next returns the next record without the end of its line, and waits for it. What lost its name is read to its end,
// and for FollowOptions.Grace after, before what comes from the new file. After a *LimitError and an ErrTorn, which
// comes with what there is of the record, Next goes on.
func (f *Follower) Next(ctx context.Context) ([]byte, error) {
	for {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		record, most, err := f.try()
		if record != nil || err != nil {
			return record, err
		}
		if err := f.changes.wait(ctx, most); err != nil {
			return nil, err
		}
	}
}

// All gives the records one after the other, until ctx is over or Close was called. The body gets a *LimitError and
// ErrTorn, and may go on; after any other error it is over.
func (f *Follower) All(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for {
			record, err := f.Next(ctx)
			if !yield(record, err) {
				return
			}
			var limit *LimitError
			if err != nil && !errors.As(err, &limit) && !errors.Is(err, ErrTorn) {
				return
			}
		}
	}
}

// try returns a record that is there, or says how long to wait at most.
func (f *Follower) try() (record []byte, most time.Duration, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, 0, ErrClosed
	}
	if record, err = f.read(); record != nil || err != nil {
		return record, 0, err
	}
	if err := f.look(); err != nil {
		return nil, 0, err
	}
	// What was written between the last look and now may be in files that were found just now.
	if record, err = f.read(); record != nil || err != nil {
		return record, 0, err
	}
	return f.drop()
}

// read returns the next record of the oldest file that has one.
func (f *Follower) read() ([]byte, error) {
	for _, l := range f.files {
		record, err := l.next()
		if !errors.Is(err, io.EOF) {
			return record, err
		}
		torn, cut, err := l.restart()
		switch {
		case err != nil:
			return nil, err
		case len(torn) > 0:
			return torn, ErrTorn
		case cut:
			if record, err := l.next(); !errors.Is(err, io.EOF) {
				return record, err
			}
		}
	}
	return nil, nil
}

// look opens the file that has the name now.
func (f *Follower) look() error {
	there, err := os.Stat(f.path)
	var last *lines
	if n := len(f.files); n > 0 {
		last = f.files[n-1]
	}
	if last != nil {
		ours, failure := last.f.Stat()
		if failure != nil {
			return failed("follow", failure)
		}
		if err == nil && os.SameFile(ours, there) {
			last.replaced = time.Time{}
			return nil
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil // between two files, or before the first: what is open may still grow
	}
	if err != nil {
		return failed("follow", err)
	}
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return failed("follow", err)
	}
	f.missed()
	now := time.Now()
	for _, l := range f.files {
		if l.replaced.IsZero() {
			l.replaced = now
		}
	}
	f.files = append(f.files, &lines{f: file, most: f.o.MaxRecord})
	return nil
}

// missed opens files that had the name, and lost it before anybody looked.
func (f *Follower) missed() {
	for again := 0; again < maxAgain && !f.openMissed(); again++ {
	}
	f.changes.moves.found()
}

// maxAgain is how often files may get yet another name while they are opened.
const maxAgain = 20

// openMissed returns false where a file was not found by the name that the system has told last.
func (f *Follower) openMissed() (all bool) {
	all = true
	for _, path := range f.changes.formerly() {
		file, err := os.Open(path)
		switch {
		case err != nil:
			all = all && !errors.Is(err, fs.ErrNotExist)
		case f.reads(file):
			_ = file.Close()
		default:
			f.files = append(f.files, &lines{f: file, most: f.o.MaxRecord})
		}
	}
	return all
}

// reads tells whether a file is one of those that are read.
func (f *Follower) reads(file *os.File) bool {
	info, err := file.Stat()
	if err != nil {
		return true
	}
	for _, l := range f.files {
		if ours, err := l.f.Stat(); err == nil && os.SameFile(ours, info) {
			return true
		}
	}
	return false
}

// drop closes the oldest file whose time of grace is over. What it has of an unfinished record is returned.
func (f *Follower) drop() (torn []byte, most time.Duration, err error) {
	if len(f.files) < 2 {
		return nil, lookAnyway, nil
	}
	oldest := f.files[0]
	if left := f.o.Grace - time.Since(oldest.replaced); left > 0 {
		return nil, left, nil
	}
	f.files = f.files[1:]
	_ = oldest.f.Close()
	if torn := oldest.rest(); len(torn) > 0 {
		return torn, 0, ErrTorn
	}
	return nil, 0, nil
}

// Close ends a wait of Next, which gets ErrClosed.
func (f *Follower) Close() error {
	err := f.changes.close() // which wakes Next
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return ErrClosed
	}
	f.closed = true
	for _, l := range f.files {
		_ = l.f.Close()
	}
	return err
}
