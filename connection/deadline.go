package connection

import (
	"sync"
	"time"
)

// A slot is one of the reasons for which a read or write may have to end.
type deadlineSource int

const (
	fromUser  deadlineSource = iota // Conn.SetDeadline and its kin
	fromCall                        // the context or timeout of the current call
	fromStall                       // Options.WriteStall
	deadlineSources
)

// longAgo is a deadline that has passed.
var past = time.Unix(1, 0)

// deadline joins several deadlines of one direction into the one that the socket knows.
type deadline struct {
	mu   sync.Mutex // at, set; a slot may be armed while another goroutine reads or writes
	at   [deadlineSources]time.Time
	last time.Time
}

// arm gives slot s the deadline t (zero: none) and tells the socket the earliest of all.
func (d *deadline) arm(s deadlineSource, t time.Time, set func(time.Time) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at[s] = t
	var first time.Time
	for _, at := range d.at {
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	if first.Equal(d.last) {
		return nil
	}
	d.last = first
	return set(first)
}

// passed reports whether the deadline of slot s is over.
func (d *deadline) passed(s deadlineSource) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.at[s].IsZero() && !time.Now().Before(d.at[s])
}
