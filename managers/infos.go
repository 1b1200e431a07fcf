package managers

import (
	"errors"
	"time"
)

// ObjectInfo is what a server tells about one object: list_objects, which Python's servers do not
// have.
type ObjectInfo struct {
	Ident      string `pickle:"ident"`
	Typeid     string `pickle:"typeid"`
	References int    `pickle:"references"`
	Shared     bool   `pickle:"shared"`
	Text       string `pickle:"text"`    // the beginning of str(object)
	Len        int    `pickle:"len"`     // -1 where it has none
	Waiters    int    `pickle:"waiters"` // calls that wait for it
	Holder     int64  `pickle:"holder"`  // number of the connection that holds a lock; 0 for nobody
	// HeldFor is how long the holder has had the lock, in seconds.
	HeldFor float64 `pickle:"held_for"`
	Leased  int     `pickle:"lent"` // items of a queue that are handed out and not acknowledged
	// Name is what Key.Names are compared with, and Kind what the object is: queue, lifo, priority, dict, Lock, ...
	Name string `pickle:"name"`
	Kind string `pickle:"kind"`
	// Of a queue: the bytes that queue.Options.MaxBytes counts, and how many items were handed out again and
	// moved to the dead letters.
	Bytes       int64  `pickle:"bytes"`
	Redelivered uint64 `pickle:"redelivered"`
	Dead        uint64 `pickle:"dead"`
	// Durable says when what was done to a queue is on stable storage: "always", "never", or how often. It is empty for
	// what goes with the server.
	Durable string `pickle:"durable"`
}

// ClientInfo is what a server tells about one connection: list_clients, which Python's servers do not
// have.
type ClientInfo struct {
	Number  int64   `pickle:"number"`  // what ObjectInfo.Holder and Kill call it
	Name    string  `pickle:"name"`    // as the client gave it: the names of its process and thread
	Peer    string  `pickle:"peer"`    // the other end's address
	Seconds float64 `pickle:"seconds"` // since it connected
	Waiting bool    `pickle:"waiting"` // in a call
	Key     string  `pickle:"key"`     // the Name of its Key; "" where the server has one key
}

// SnapshotInfo says what a snapshot holds.
type SnapshotInfo struct {
	// Format is 2, or 1 for what earlier versions wrote, which knew neither Generation, Time nor Final.
	Format int
	// Generation is the number that was given to Snapshot.
	Generation uint64
	// Time is when the writing began.
	Time time.Time
	// Final tells that no client was connected any more, nor could be: nothing has changed since.
	Final bool
	// Objects and Items are how many objects it holds, and items in its queues.
	Objects, Items int
	// Skipped are the names of objects that are not in it: a method that did not end held them.
	Skipped []string
	// Bytes is its length.
	Bytes int64
}

// ErrNoLease is what Lease returns for a queue whose items are given, not leased.
var ErrNoLease = errors.New("managers: the queue has no leases")
