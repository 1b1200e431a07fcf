package sharedmem

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

// Resource is something with a name that Python's resource tracker is told of.
type Resource struct {
	Type string // one of the constants ResourceSegment and so on
	Name string // as the system knows it: Python writes a slash in front
}

// The types of resources, as Python names them.
const (
	ResourceSegment   = "shared_memory"
	ResourceSemaphore = "semaphore"
	resourceNoop      = "noop"
	resourceDummy     = "dummy" // CPython's own tests
)

// The commands of the tracker.
const (
	trackerRegister   = "REGISTER"
	trackerUnregister = "UNREGISTER"
	trackerProbe      = "PROBE"
)

// MaxTrackerLine is how long a line may be, its end included: ResourceTracker._send in
// Lib/multiprocessing/resource_tracker.py refuses longer ones, for shorter ones arrive whole.
const MaxTrackerLine = 512

var errTrackerLine = errors.New("sharedmem: it is no line for a resource tracker")

// trackerLine is a line that Python's processes write to their tracker:
//
//	3.6, 3.7          REGISTER:/mp-x7k2q9ab                 semaphores only
//	3.8 to 3.14       REGISTER:/psm_1a2b3c4d:shared_memory
//	3.15              {"cmd":"REGISTER","rtype":"shared_memory","base64_name":"L3BzbV8xYTJiM2M0ZA=="}
//
// or UNREGISTER, or PROBE, which asks whether somebody is there.
type trackerLine struct {
	command string
	Resource
}

// parse reads a line without its end. It fails for what no Python writes.
func (l *trackerLine) parse(line []byte) error {
	err := l.parseEither(line)
	switch {
	case err != nil || len(line) >= MaxTrackerLine || strings.ContainsAny(l.Name, "\x00\n"):
		return errTrackerLine
	case l.command != trackerRegister && l.command != trackerUnregister && l.command != trackerProbe:
		return errTrackerLine
	}
	switch l.Type {
	case ResourceSegment, ResourceSemaphore, resourceNoop, resourceDummy:
		return nil
	}
	return errTrackerLine
}

func (l *trackerLine) parseEither(line []byte) error {
	if bytes.HasPrefix(line, []byte("{")) {
		return l.parseJSON(line)
	}
	var rest string
	var found bool
	if l.command, rest, found = strings.Cut(string(line), ":"); !found {
		return errTrackerLine
	}
	l.Name, l.Type = rest, ResourceSemaphore
	if last := strings.LastIndexByte(rest, ':'); last >= 0 {
		l.Name, l.Type = rest[:last], rest[last+1:]
	}
	return nil
}

func (l *trackerLine) parseJSON(line []byte) error {
	var fields struct {
		Command string `json:"cmd"`
		Type    string `json:"rtype"`
		Name    string `json:"base64_name"`
	}
	if err := json.Unmarshal(line, &fields); err != nil {
		return err
	}
	name, err := base64.URLEncoding.DecodeString(fields.Name)
	*l = trackerLine{fields.Command, Resource{fields.Type, string(name)}}
	return err
}

// line returns the line with its end, in the form that every tracker from 3.8 on reads.
func (l trackerLine) line() ([]byte, error) {
	line := []byte(l.command + ":" + l.Name + ":" + l.Type + "\n")
	if len(line) > MaxTrackerLine || strings.ContainsFunc(l.Name, outsideOfTracker) {
		return nil, &NameError{l.Name, untrackable}
	}
	return line, nil
}

const untrackable = "is not all printable ASCII without colons, as Python's resource tracker wants it"

// outsideOfTracker tells whether a character cannot stand in a name of which the tracker of every Python is told: up to
// 3.14 it reads lines of ASCII, split at colons.
func outsideOfTracker(r rune) bool { return r < ' ' || r >= 0x7f || r == ':' }
