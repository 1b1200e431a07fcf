package wal

import (
	"io"
	"slices"
	"sync"
	"time"
)

// Log keeps records in a folder. Its methods may be called concurrently.
type Log struct {
	fs   FS
	opts Options
	lock io.Closer
	salt salt

	mu      sync.Mutex // all below
	open    *batch     // what is collected
	sealed  []*batch   // that are long enough, and leave before it
	byName  map[string]*Stream
	nextID  uint32
	lagAt   time.Time // when what is deferred must leave; zero where nothing is
	want    int       // how many commits the committer waits for
	refused error     // after Close, or after a failure
	closing bool

	wake chan struct{} // the committer has something to do

	// All below belongs to the committer, the index to who holds its mutex.
	ix       sync.RWMutex
	index    *index
	segments []*segment // oldest first; the last one is written
	batch    uint64     // the last that was written
	synced   uint64     // the last that was synced
	marked   uint64     // the last that says nothing but that the one before was synced
	syncedAt time.Time
	dirtyAt  time.Time // since when something is not synced
	pace     pace
	full     bool   // there was no room for an entry
	reserved bool   // there is a reserve
	retry    *batch // what has happened and could not be written for want of room: it comes first
	begun    int64  // the end of the active segment when it had no more than its states
	rewrite  rewriting
	lossy    bool  // a batch was lost of what has been read: names of streams may be missing
	stats    Stats // guarded by ix

	failed chan struct{}
	ended  chan struct{}
}

// Stats is what a Log can tell about itself.
type Stats struct {
	Sync             Policy
	Bytes, Live      int64 // of the segments; of the entries in them that are alive, roughly
	Segments         int
	Batches, Records uint64 // since the start
	Syncs            uint64
	Full             bool   // the last entry was refused for want of room
	Entries          int    // that are alive
	Torn             int    // batches at the end that a crash had cut short, and that nobody was told about
	Rewritten        uint64 // entries that were written again so that an old segment could go
}

// Stream returns the stream of a name. It is made if it is not there.
func (l *Log) Stream(name string) *Stream {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.byName[name]
	if s == nil {
		l.nextID++
		s = &Stream{log: l, id: l.nextID, name: name}
		l.byName[name] = s
	}
	return s
}

// Streams returns those that were there when the log was opened, or are since, in the order in which they were made.
func (l *Log) Streams() []*Stream {
	l.ix.RLock()
	defer l.ix.RUnlock()
	return l.index.sorted()
}

// Append gives records to the log, which keeps all of them or none. It does not wait: Commit.Wait does. Records take
// effect in the order of the calls. done may be nil.
//
// An error says that they were not taken, and done is not called: ErrClosed, ErrTooLarge, or a *FailedError.
func (l *Log) Append(done Done, records ...Record) (*Commit, error) {
	l.mu.Lock()
	c, err := l.add(done, records)
	if err != nil {
		l.mu.Unlock()
		return nil, err
	}
	l.open.waiters++
	wake := l.open.waiters == 1 || l.open.waiters == l.want
	l.mu.Unlock()
	if wake {
		l.signal()
	}
	return c, nil
}

// Defer gives records to the log that nobody waits for, and that a crash may lose. They leave with the next batch, after
// Options.Lag at the latest.
func (l *Log) Defer(records ...Record) {
	l.mu.Lock()
	_, err := l.add(nil, records)
	first := err == nil && l.lagAt.IsZero()
	if first {
		l.lagAt = time.Now().Add(l.opts.Lag)
	}
	l.mu.Unlock()
	if first {
		l.signal()
	}
}

// add adds records to the open batch, and before them the names of streams that are new. The caller holds mu.
func (l *Log) add(done Done, records []Record) (*Commit, error) {
	if l.refused != nil {
		return nil, l.refused
	}
	size := int64(0)
	for i := range records {
		size += int64(dataLen(records[i].Data)+len(records[i].State)) + maxBody
	}
	if size > maxPayload-1<<20 {
		return nil, ErrTooLarge
	}
	records, err := l.undropped(records)
	if err != nil {
		return nil, err
	}
	l.seal(size)
	b := l.open
	for i := range records {
		l.introduce(records[i].Stream)
		l.introduce(records[i].To)
	}
	c := &Commit{batch: b, done: done, from: len(b.records)}
	for i := range records {
		if records[i].State != nil {
			records[i].State = slices.Clone(records[i].State)
		}
		b.add(records[i])
		c.puts = c.puts || records[i].Kind == Put
		if s := records[i].Stream; records[i].Kind == Drop {
			s.dropped = true
			delete(l.byName, s.name)
		}
	}
	c.to = len(b.records)
	b.commits = append(b.commits, c)
	return c, nil
}

// undropped returns the records without those of streams that were dropped, where nothing can be put any more.
func (l *Log) undropped(records []Record) ([]Record, error) {
	gone := func(r Record) bool { return r.Stream.dropped || r.To != nil && r.To.dropped }
	if !slices.ContainsFunc(records, gone) {
		return records, nil
	}
	for _, r := range records {
		if gone(r) && (r.Kind == Put || r.Kind == Move) {
			return nil, ErrDropped
		}
	}
	return slices.DeleteFunc(slices.Clone(records), gone), nil
}

// sealAt is how long a batch becomes before the next one begins, unless what is in it has to be together.
const sealAt = 32 << 20

// seal begins another batch where the open one would become too long.
func (l *Log) seal(more int64) {
	if l.open.payload() > 0 && l.open.payload()+more > sealAt {
		l.sealed = append(l.sealed, l.open)
		l.open = newBatch()
		l.signal()
	}
}

// introduce writes the name of a stream before its first record.
func (l *Log) introduce(s *Stream) {
	if s == nil || s.defined {
		return
	}
	s.defined = true
	b := l.open
	c := &Commit{batch: b, from: len(b.records)}
	b.add(Record{Kind: define, Stream: s})
	c.to = len(b.records)
	b.commits = append(b.commits, c)
}

// signal wakes the committer.
func (l *Log) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Failed returns a channel that is closed when nothing can be kept any more. Err says why.
func (l *Log) Failed() <-chan struct{} { return l.failed }

// Err is why nothing can be kept any more, nil while all is well.
func (l *Log) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refused
}

// Sync waits until all that was given to the log before is on stable storage as far as Options.Sync says.
func (l *Log) Sync() error {
	c, err := l.Append(nil)
	if err != nil {
		return err
	}
	return c.Wait()
}

// Stats returns a snapshot.
func (l *Log) Stats() Stats {
	l.ix.RLock()
	defer l.ix.RUnlock()
	st := l.stats
	st.Sync, st.Live = l.opts.Sync, l.index.live
	for _, s := range l.index.streams {
		st.Entries += s.alive
	}
	return st
}

// Close writes what is deferred, syncs, and gives the folder back.
func (l *Log) Close() error {
	l.mu.Lock()
	l.closing = true
	l.mu.Unlock()
	l.signal()
	<-l.ended
	if err := l.Err(); err != ErrClosed {
		return err
	}
	return nil
}
