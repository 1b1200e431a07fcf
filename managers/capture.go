package managers

import (
	"strings"
	"time"
)

// capture is one reading of an object for a snapshot, in a goroutine of its own, which ends when the
// object can be locked: a method that never ends must not keep the others from being saved.
type capture struct {
	done  chan struct{} // closed when what follows is there
	kind  string
	write writing
}

func beginCapture(p persistent) *capture {
	c := &capture{done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.kind, c.write = p.kind(), p.capture()
	}()
	return c
}

// ready waits for the capture.
func (c *capture) ready(until time.Time) bool {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-c.done:
		return true
	case <-timer.C:
		select {
		case <-c.done:
			return true
		default:
			return false
		}
	}
}

// firstWait is how long each object is waited for before the others are written.
const firstWait = 50 * time.Millisecond

// captureAll writes all objects that can be read within wait. Those that can be had at once come first.
func (s *Server) captureAll(w *recordWriter, wait time.Duration) error {
	end := time.Now().Add(wait)
	var held []listing
	for _, l := range s.persistents() {
		c := s.captureOf(l.entry, time.Now().Add(min(wait, firstWait)))
		if c == nil {
			held = append(held, l)
			continue
		}
		if err := w.object(l.entry, c); err != nil {
			return err
		}
	}
	for _, l := range held {
		c := s.captureOf(l.entry, end)
		if err := w.object(l.entry, c); err != nil {
			return err
		}
	}
	return nil
}

// persistents are the objects that a snapshot has. Dead letters come last: an item that moves there meanwhile
// is then in both places, and in the other order it would be in none.
func (s *Server) persistents() []listing {
	var live, dead []listing
	letters := make(map[Object]bool)
	all := s.objects.list()
	for _, l := range all {
		if q, ok := l.object.(*Queue); ok && q.dead != nil {
			letters[q.dead] = true
		}
	}
	for _, l := range all {
		_, isShared := l.key.(*shared)
		_, ok := l.object.(persistent)
		switch {
		case !isShared || !ok || l.empty() && l.uses() == nil:
		case letters[l.object]:
			dead = append(dead, l)
		default:
			live = append(live, l)
		}
	}
	return append(live, dead...)
}

// captureOf reads an object, or returns nil where that takes too long. There is one reading at a time: one
// that an earlier snapshot has left behind is of no use any more, and is waited for.
func (s *Server) captureOf(e *entry, until time.Time) *capture {
	if old := s.captures[e]; old != nil {
		if !old.ready(until) {
			return nil
		}
		delete(s.captures, e)
	}
	c := beginCapture(e.object.(persistent))
	if c.ready(until) {
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
