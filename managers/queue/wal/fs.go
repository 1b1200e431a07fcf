package wal

import "io"

// FS is the folder of a Log, and File one of its files. They are those of the system (Dir), or made for tests.
//
// What was done to a file is on stable storage after Sync of that file, and what was done to names after SyncDir.
type FS interface {
	// List returns the names of all files.
	List() ([]string, error)
	// Open opens a file that is there. The error is fs.ErrNotExist where it is not.
	Open(name string) (File, error)
	// Create makes an empty file, in place of one that may be there.
	Create(name string) (File, error)
	Rename(from, to string) error
	Remove(name string) error
	SyncDir() error
	// Lock makes the folder this program's until the Closer is closed. The error is ErrLocked where it is another's.
	Lock() (io.Closer, error)
	// Capacity is how many bytes the file system has in all, 0 where that is not known.
	Capacity() int64
}

// File is an open file.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Size() (int64, error)
	Truncate(size int64) error
	// Allocate makes room for n bytes from off on, which read as zeros, and makes the file that long. The error is
	// errors.ErrUnsupported where the file system cannot do that.
	Allocate(off, n int64) error
	// Sync makes data and size stable.
	Sync() error
}

// The names of the files.
const (
	formatFile  = "format"
	lockFile    = "lock"
	reserveFile = "reserve"
	newFile     = "new" // a file that is not yet what it will be
	segmentExt  = ".seg"
)
