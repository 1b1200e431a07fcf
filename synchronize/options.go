package synchronize

import (
	"io/fs"
	"runtime"
	"time"
)

// Options are for what is made or opened. They are read once. A nil *Options means defaults.
type Options struct {
	// Name is that of a semaphore that is made, "/" and up to 251 bytes without another "/". Empty means one as
	// Python makes them: "/mp-" and eight characters.
	Name string

	// Mode is who else may open what is made; zero means 0600. It is set whatever the umask is. Whoever opens a
	// semaphore must be allowed to read and to write.
	Mode fs.FileMode

	// Spin is how long a wait looks for the semaphore without sleeping, at most a second. Zero means not at all,
	// and so does a process that has a single core (GOMAXPROCS). Some 30 µs, the price of waking
	// another core, turn a round trip between two busy cores from tens of microseconds into less than one.
	Spin time.Duration
}

const maxSpin = time.Second

func (o *Options) spin() time.Duration {
	if o == nil || runtime.GOMAXPROCS(0) == 1 {
		return 0
	}
	return min(max(o.Spin, 0), maxSpin)
}

func (o *Options) mode() fs.FileMode {
	if o == nil || o.Mode == 0 {
		return 0o600
	}
	return o.Mode.Perm()
}
