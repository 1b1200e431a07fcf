// Package interop knows CPython's releases: what each of them puts on the wire, where they are on
// this machine and how to talk to one. It is the only place of the project with version numbers;
// the libraries know capabilities (a protocol number, a digest) and nothing of versions. Its tests
// run against every interpreter that is found; no library imports it.
package interop

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Version is a release line of CPython, such as 3.12. Micro releases differ in nothing that the
// tests rely on.
type Version struct{ Major, Minor int }

// ParseVersion reads "3.12". Anything after the minor number ("3.12.1") is an error.
func ParseVersion(s string) (Version, error) {
	major, minor, ok := strings.Cut(s, ".")
	v := Version{}
	var err1, err2 error
	v.Major, err1 = strconv.Atoi(major)
	v.Minor, err2 = strconv.Atoi(minor)
	if !ok || err1 != nil || err2 != nil || v.Major < 0 || v.Minor < 0 {
		return Version{}, fmt.Errorf("%q is not a Python version such as 3.12", s)
	}
	return v, nil
}

// String gives "3.12".
func (v Version) String() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

// Compare orders versions as slices.SortFunc wants it.
func (v Version) Compare(other Version) int {
	if v.Major != other.Major {
		return v.Major - other.Major
	}
	return v.Minor - other.Minor
}

// Profile is what a release line does on the wire. TestProfile asks each interpreter whether its
// row is true.
type Profile struct {
	Version Version

	// Protocol is the pickle protocol that Connection.send writes, HighestProtocol the newest
	// that the release reads.
	Protocol, HighestProtocol int
	// NativeBytes: str is a byte string, pickled with the SHORT_BINSTRING family.
	NativeBytes bool
	// LongFrames: messages beyond 2³¹−1 bytes are framed with the eight-byte length.
	LongFrames bool

	// Digest is the name in front of a challenge ("sha256"), or "" for the bare 20 bytes that
	// are answered with raw HMAC-MD5.
	Digest string
	// EmptyKeyAuth: a Listener that was given an empty authkey asks for it. The others treat an
	// empty key as none, while a Client of any release authenticates with it.
	EmptyKeyAuth bool
	// HandleAck: whoever receives a file descriptor on Linux answers with one byte.
	HandleAck bool

	// Empty, Full and ShutDown are the globals by which queue exceptions travel; ShutDown is ""
	// where queues cannot be shut down.
	Empty, Full, ShutDown string
	// Builtins is the module of built-in exceptions, Context the one of multiprocessing's own.
	Builtins, Context string

	// Typeids are those of SyncManager that can be created, sorted.
	Typeids []string
	// QueueMethods and LockMethods are the exposed methods of Queue and Lock, sorted.
	QueueMethods, LockMethods []string
}

// Profiles gives the row of every supported release line, oldest first. The caller owns the slice
// but shares the method lists.
func Profiles() []Profile { return slices.Clone(profiles) }

// ProfileOf gives the row of one release line; ok is false for a line that is not supported.
func ProfileOf(v Version) (p Profile, ok bool) {
	i := slices.IndexFunc(profiles, func(p Profile) bool { return p.Version == v })
	if i < 0 {
		return Profile{}, false
	}
	return profiles[i], true
}

// profiles is the table: each release line is the one before it plus what it changed.
var profiles = build(
	change{Version{2, 7}, func(p *Profile) {
		p.Protocol, p.HighestProtocol, p.NativeBytes = 2, 2, true
		p.Empty, p.Full = "Queue.Empty", "Queue.Full"
		p.Builtins, p.Context = "exceptions", "multiprocessing"
		p.Typeids = words("Array BoundedSemaphore Condition Event JoinableQueue Lock Namespace",
			"Pool Queue RLock Semaphore Value dict list")
		p.QueueMethods = words("empty full get get_nowait join put put_nowait qsize task_done")
		p.LockMethods = words("acquire release")
	}},
	change{Version{3, 6}, func(p *Profile) {
		p.Protocol, p.HighestProtocol, p.NativeBytes = 3, 4, false
		p.Empty, p.Full = "queue.Empty", "queue.Full"
		p.Builtins, p.Context = "builtins", "multiprocessing.context"
		p.Typeids = with(p.Typeids, "Barrier")
	}},
	change{Version{3, 7}, func(p *Profile) { p.Empty = "_queue.Empty" }},
	change{Version{3, 8}, func(p *Profile) {
		p.Protocol, p.HighestProtocol, p.LongFrames = 4, 5, true
	}},
	change{Version{3, 9}, nil},
	change{Version{3, 10}, nil},
	change{Version{3, 11}, nil},
	change{Version{3, 12}, func(p *Profile) { p.Digest = "sha256" }},
	change{Version{3, 13}, func(p *Profile) {
		p.EmptyKeyAuth = true
		p.ShutDown = "queue.ShutDown"
		p.QueueMethods = with(p.QueueMethods, "shutdown")
	}},
	change{Version{3, 14}, func(p *Profile) {
		p.Protocol, p.HandleAck = 5, true
		p.Typeids = with(p.Typeids, "set")
		p.LockMethods = with(p.LockMethods, "locked")
	}},
	change{Version{3, 15}, nil},
)

type change struct {
	version Version
	apply   func(*Profile)
}

func build(changes ...change) []Profile {
	var rows []Profile
	var row Profile
	for _, c := range changes {
		row.Version = c.version
		if c.apply != nil {
			c.apply(&row)
		}
		rows = append(rows, row)
	}
	return rows
}

func words(lines ...string) []string { return strings.Fields(strings.Join(lines, " ")) }

// with copies: the rows before the change keep their own list.
func with(list []string, name string) []string {
	list = append(slices.Clone(list), name)
	slices.Sort(list)
	return list
}
