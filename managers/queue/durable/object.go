package durable

import (
	"fmt"
	"strings"

	"mpbridge/managers"
	"mpbridge/managers/queue/wal"
)

// objectPrefix is what the names of streams begin with that are those of objects, not of queues.
const objectPrefix = "\x00object\x00"

// Object returns the journal of the object of a name that is no queue.
func (s *Store) Object(name string) managers.ObjectJournal {
	s.mu.Lock()
	s.opened[objectPrefix+name] = true
	s.mu.Unlock()
	return &objectJournal{store: s, stream: s.log.Stream(objectPrefix + name)}
}

// ObjectName returns the name of the object that a name of [Store.Names] is of; ok is false for that of a queue.
func ObjectName(name string) (object string, ok bool) { return strings.CutPrefix(name, objectPrefix) }

// objectJournal has an object as entries with successive numbers, of which the first is the object as a whole.
type objectJournal struct {
	store       *Store
	stream      *wal.Stream
	first, last uint64
}

// Replay reads what was kept.
func (j *objectJournal) Replay(kind string, f func(change []byte) error) error {
	var was []byte
	was, _, j.last = j.stream.State()
	switch {
	case len(was) == 0:
		j.store.log.Defer(wal.Record{Kind: wal.State, Stream: j.stream, State: append([]byte{stateVersion}, kind...)})
	case was[0] != stateVersion:
		return errState
	case string(was[1:]) != kind:
		name, _ := ObjectName(j.stream.Name())
		return fmt.Errorf("durable: %q was a %s, and is a %s now", name, was[1:], kind)
	}
	j.first = 0
	return j.stream.Each(func(e wal.Entry) error {
		if j.first == 0 {
			j.first = e.Number
		}
		return f(e.Data)
	})
}

// Append keeps one more change.
func (j *objectJournal) Append(change []byte) (wait func() error, err error) {
	j.last++
	return j.keep(wal.Record{Kind: wal.Put, Stream: j.stream, Number: j.last, Data: [][]byte{change}})
}

// Replace keeps this in place of all before.
func (j *objectJournal) Replace(whole []byte) (wait func() error, err error) {
	j.last++
	wait, err = j.keep(wal.Record{Kind: wal.Settle, Stream: j.stream, Number: j.first, Count: j.last - j.first},
		wal.Record{Kind: wal.Put, Stream: j.stream, Number: j.last, Data: [][]byte{whole}})
	return wait, err
}

func (j *objectJournal) keep(records ...wal.Record) (wait func() error, err error) {
	c, err := j.store.log.Append(nil, records...)
	if err != nil {
		return nil, exception(err)
	}
	return commit{c}.Wait, nil
}
