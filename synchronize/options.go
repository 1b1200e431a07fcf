package synchronize

import (
	"io/fs"
	"runtime"
	"time"

	"mpbridge/internal/option"
)

// Options are for what is made or opened. They are read once. A nil *Options means defaults.
type Options struct {
	// Name is that of a semaphore that is made, "/" and up to 251 bytes without another "/"; the "/" may be
	// missing. Empty means one as Python makes them: "/mp-" and eight characters.
	Name string

	// Mode is who else may open what is made; zero means 0600. It is set whatever the umask is. Whoever opens a
	// semaphore must be allowed to read and to write.
	Mode fs.FileMode

	// Spin is how long a wait looks for the semaphore without sleeping, at most a second. Zero means not at all,
	// and so does a process that has a single core (GOMAXPROCS). Some 30 µs, the price of waking
	// another core, turn a round trip between two busy cores from tens of microseconds into less than one.
	Spin time.Duration

	// Patience is how long a Condition waits for those that it has woken, who have to say that they are
	// awake, and for its lock where the context of a wait is over already. Zero means DefaultPatience.
	Patience time.Duration

	// Gone is asked by a Condition how many of those who shared it have died, when so many that it has woken have
	// not said within Patience that they are awake. Up to as many as it answers are taken for dead, once and for
	// all: one that is merely stopped sleeps on then, and Python's next notify may fail. Without
	// it nobody is. It runs while the lock of the Condition is held.
	Gone func(missing int) int
}

// DefaultPatience is the Patience of Options.
const DefaultPatience = 5 * time.Second

const maxSpin = time.Second

// checked returns a *pickle.OptionError for what is out of its range, value and limit of a semaphore among it.
func (o *Options) checked(value, limit int) error {
	c := o.copy()
	return option.Check("synchronize",
		option.Int("limit", limit, 1, SemValueMax),
		option.Int("value", value, 0, int64(limit)),
		option.Range{Name: "Spin", Value: int64(c.Spin), High: int64(maxSpin), IsTime: true},
		option.Time("Patience", c.Patience, 0),
		option.Int("Mode", int64(c.Mode), 0, 0o777))
}

func (o *Options) spin() time.Duration {
	if o == nil || runtime.GOMAXPROCS(0) == 1 {
		return 0
	}
	return o.Spin
}

func (o *Options) mode() fs.FileMode {
	if o == nil || o.Mode == 0 {
		return 0o600
	}
	return o.Mode
}

func (o *Options) patience() time.Duration {
	if o == nil || o.Patience == 0 {
		return DefaultPatience
	}
	return o.Patience
}

// gone is how many of those that are missing are dead.
func (o *Options) gone(missing int) int {
	if o == nil || o.Gone == nil {
		return 0
	}
	return min(max(o.Gone(missing), 0), missing)
}

// copy is what something keeps of its options.
func (o *Options) copy() Options {
	if o == nil {
		return Options{}
	}
	return *o
}

// named returns the options for a part of something that is made of several semaphores.
func (o *Options) named(base, part string) *Options {
	p := o.copy()
	p.Name = base + part
	return &p
}
