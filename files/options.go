package files

import (
	"io/fs"
	"math"
	"time"

	"mpbridge/internal/option"
)

// Defaults of the options.
const (
	DefaultMaxRecord = 1 << 20         // bytes
	DefaultMaxFile   = 64 << 20        // bytes
	DefaultGrace     = 2 * time.Second // see FollowOptions.Grace
)

// AppendOptions of an Appender; nil means all defaults.
type AppendOptions struct {
	// Mode is that of the file, if it has to be made; 0 means 0666, of which the umask takes, as in Python.
	Mode fs.FileMode
}

func (o *AppendOptions) mode() (fs.FileMode, error) {
	if o == nil || o.Mode == 0 {
		return 0o666, nil
	}
	return o.Mode, option.Check("files", option.Int("Mode", int64(o.Mode), 0, 0o777))
}

// FollowOptions of a Follower; nil means all defaults.
type FollowOptions struct {
	// FromEnd leaves out what is in the file when it is opened.
	FromEnd bool
	// MaxRecord is the longest record, in bytes; 0 means DefaultMaxRecord. A longer one is a *LimitError.
	MaxRecord int
	// Grace is how long a file is still read that has lost its name to a new one, for those who have not noticed yet; 0
	// means DefaultGrace.
	Grace time.Duration
}

func (o *FollowOptions) check() (*FollowOptions, error) {
	var c FollowOptions
	if o != nil {
		c = *o
	}
	if c.MaxRecord == 0 {
		c.MaxRecord = DefaultMaxRecord
	}
	if c.Grace == 0 {
		c.Grace = DefaultGrace
	}
	return &c, option.Check("files", option.Int("MaxRecord", c.MaxRecord, 1, math.MaxInt32), option.Time("Grace", c.Grace, 0))
}

// WatchOptions of a Watcher; nil means all defaults.
type WatchOptions struct {
	// MaxFile is the longest file, in bytes; 0 means DefaultMaxFile. A longer one is a *LimitError.
	MaxFile int64
}

func (o *WatchOptions) maxFile() (int64, error) {
	if o == nil || o.MaxFile == 0 {
		return DefaultMaxFile, nil
	}
	return o.MaxFile, option.Check("files", option.Int("MaxFile", o.MaxFile, 1, math.MaxInt-1))
}

// ReplaceOptions of Replace; nil means all defaults.
type ReplaceOptions struct {
	// Mode is that of the new file, whatever the umask is; 0 means 0644.
	Mode fs.FileMode
	// Sync has the data on the disk before the file gets its name: after a crash of the machine it is the old or the
	// new one, and never empty.
	Sync bool
}

func (o *ReplaceOptions) check() (ReplaceOptions, error) {
	var c ReplaceOptions
	if o != nil {
		c = *o
	}
	if c.Mode == 0 {
		c.Mode = 0o644
	}
	return c, option.Check("files", option.Int("Mode", int64(c.Mode), 0, 0o777))
}
