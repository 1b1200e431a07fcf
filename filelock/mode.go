package filelock

// Mode says who else may hold a lock.
type Mode int

const (
	Exclusive Mode = iota // nobody: LOCK_EX
	Shared                // others that are Shared: LOCK_SH

	free // nobody holds it: LOCK_UN
)

// Range is the part of a file that a lock is for, in bytes. A Length of 0 goes on to the end of the file, however long
// that gets.
type Range struct{ Start, Length int64 }

// All is the whole file, which is what fcntl.lockf locks unless it is told otherwise.
var All = Range{}
