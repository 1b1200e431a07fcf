package durable

import (
	"sync"
	"time"

	"mpbridge/managers/queue"
	"mpbridge/managers/queue/wal"
)

// Options are the settings of a Store; nil means all defaults.
type Options struct {
	// Sync says when what was written is made stable: wal.Always is the zero value.
	Sync wal.Policy
	// Reserve is how many bytes are kept for taking items out when the disk is full; 0 means as package wal has it.
	Reserve int64
	// Progress is told while the folder is read how many bytes of all have been; nil means nobody is.
	Progress func(done, total int64)
}

// Store is the journals of one server's queues. Its methods may be called concurrently.
type Store struct {
	log *wal.Log

	mu     sync.Mutex
	opened map[string]bool // names whose journals somebody has
}

// Open opens a folder, which is made if it is not there, and is this program's until Close. Damage is a
// *wal.DamageError, another format a *wal.FormatError, and a folder that another server has wal.ErrLocked.
func Open(path string, o *Options) (*Store, error) {
	f, err := wal.Dir(path)
	if err != nil {
		return nil, err
	}
	return OpenFS(f, o)
}

// OpenFS is Open for a folder of any kind.
func OpenFS(f wal.FS, o *Options) (*Store, error) {
	if o == nil {
		o = new(Options)
	}
	log, err := wal.Open(f, &wal.Options{Sync: o.Sync, Reserve: o.Reserve, Progress: o.Progress})
	if err != nil {
		return nil, err
	}
	return &Store{log: log, opened: make(map[string]bool)}, nil
}

// Journal returns the journal of the queue of a name.
func (s *Store) Journal(name string) queue.Journal {
	s.mu.Lock()
	s.opened[name] = true
	s.mu.Unlock()
	return &journal{store: s, stream: s.log.Stream(name)}
}

// Names returns the names of the queues that are known, in the order in which they were made.
func (s *Store) Names() (out []string) {
	for _, st := range s.log.Streams() {
		if st.Name() != ServerStream {
			out = append(out, st.Name())
		}
	}
	return out
}

// ServerStream is the name of the stream that has what belongs to no queue.
const ServerStream = "\x00server"

// Used reports whether a server has served with the folder before.
func (s *Store) Used() bool {
	text, _, _ := s.log.Stream(ServerStream).State()
	return len(text) > 0
}

// Use says that a server does.
func (s *Store) Use() {
	if !s.Used() {
		s.log.Defer(wal.Record{Kind: wal.State, Stream: s.log.Stream(ServerStream), State: []byte{stateVersion}})
	}
}

// Order returns the order that the queue of a name had last.
func (s *Store) Order(name string) queue.Order {
	text, _, _ := s.log.Stream(name).State()
	st, _ := parseState(text) // whoever opens the queue learns what is wrong with it
	return st.order
}

// Unopened returns those of the Names whose journals nobody has asked for.
func (s *Store) Unopened() (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range s.Names() {
		if !s.opened[name] {
			out = append(out, name)
		}
	}
	return out
}

// Items returns how many items a queue has.
func (s *Store) Items(name string) int { return s.log.Stream(name).Len() }

// Drop throws a queue away with all its items.
func (s *Store) Drop(name string) {
	s.log.Defer(wal.Record{Kind: wal.Drop, Stream: s.log.Stream(name)})
}

// Durability says when what was done is on stable storage: "always", "never", or how often.
func (s *Store) Durability() string { return s.log.Stats().Sync.String() }

// Sync waits until all that was done before is kept.
func (s *Store) Sync() error { return exception(s.log.Sync()) }

// Stats returns a snapshot.
func (s *Store) Stats() wal.Stats { return s.log.Stats() }

// Failed returns a channel that is closed when nothing can be kept any more. Err says why. The server should end.
func (s *Store) Failed() <-chan struct{} { return s.log.Failed() }

// Err is why nothing can be kept any more, nil while all is well.
func (s *Store) Err() error { return s.log.Err() }

// Close writes what is left to be written and gives the folder back. The server has ended before.
func (s *Store) Close() error { return s.log.Close() }

// unixMilli is a time as the log has it; the zero time is 0.
func unixMilli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromUnixMilli(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
