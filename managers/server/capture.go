package server

import (
	"strings"
	"time"

	"mpbridge/managers/queue"
)

// firstWait is how long each object is waited for before the others are written.
const firstWait = 50 * time.Millisecond

// capturing is one snapshot's reading of all objects.
type capturing struct {
	server *Server
	least  time.Duration // for which each object is waited for, whatever the others took
	left   time.Duration // for which those that are held may be waited for besides; the writing takes none of it
}

// captureAll writes all objects that can be read within wait. Those that can be had at once come first.
func (s *Server) captureAll(w *recordWriter, wait time.Duration, durable bool) error {
	by := &capturing{server: s, least: min(wait, firstWait), left: wait}
	var held []listing
	behind := make(map[*queue.Engine]bool)
	for _, l := range s.persistents(durable) {
		if !behind[engineOf(l.object)] {
			if c := by.read(l.entry, by.least); c != nil {
				if err := w.object(l.entry, c); err != nil {
					return err
				}
				continue
			}
		}
		held = append(held, l)
		if dead := deadLettersOf(l.object); dead != nil {
			behind[dead] = true
		}
	}
	for _, l := range held {
		began := time.Now()
		c := by.read(l.entry, max(by.left, by.least))
		by.left -= time.Since(began)
		if err := w.object(l.entry, c); err != nil {
			return err
		}
	}
	return nil
}

// persistents are the objects that a snapshot has. Dead letters come last: an item that moves there meanwhile
// is then in both places, and in the other order it would be in none.
func (s *Server) persistents(durable bool) []listing {
	var live, dead []listing
	letters := make(map[*queue.Engine]bool)
	all := s.objects.list()
	for _, l := range all {
		if dead := deadLettersOf(l.object); dead != nil {
			letters[dead] = true
		}
	}
	for _, l := range all {
		_, isShared := l.key.(*shared)
		_, ok := l.object.(persistent)
		switch {
		case !durable && l.isDurable():
		case !isShared || !ok || l.empty() && l.uses() == nil:
		case letters[engineOf(l.object)]:
			dead = append(dead, l)
		default:
			live = append(live, l)
		}
	}
	return append(live, dead...)
}

// read reads an object, or returns nil where that takes too long. There is one reading at a time. One that is
// still under way goes on, and is what the next call for this snapshot returns; one that an earlier snapshot has
// left behind is of no use any more, and is waited for.
func (by *capturing) read(e *entry, most time.Duration) *capture {
	s, end := by.server, time.Now().Add(most)
	c := s.captures[e]
	if c != nil && c.by != by {
		if !c.ready(most) {
			return nil
		}
		c = nil
	}
	if c == nil {
		c = beginCapture(e.object.(persistent), by)
	}
	if c.ready(max(time.Until(end), by.least)) {
		delete(s.captures, e)
		return c
	}
	if s.captures == nil {
		s.captures = make(map[*entry]*capture)
	}
	s.captures[e] = c
	return nil
}

// object writes an object, or that it was skipped where it was not read.
func (w *recordWriter) object(e *entry, c *capture) error {
	typeid, member, _ := strings.Cut(e.key.(*shared).name, "\x00")
	if c == nil {
		return w.write(recordSkipped, []byte(typeid), []byte(member))
	}
	if err := w.write(recordObject, []byte(c.kind), []byte(typeid), []byte(member)); err != nil {
		return err
	}
	if err := w.uses(e.uses()); err != nil {
		return err
	}
	return c.write(w)
}
