package connection

import (
	"errors"
	"os"
	"time"
)

// BusyPoll looks again and again, for up to d, whether the peer sends something, and reports whether it
// did or is gone: a receive that follows then finds it without waiting. It is for a peer that will ask
// again within some microseconds, where being put to sleep and woken takes longer than all else
// (SO_BUSY_POLL in socket(7) is for the same). Between two looks it lets others run.
//
// Without Options.ReadBuffer, with TLS, and on systems where this package does not read from the
// descriptor itself, it does not look.
func (t Transport) BusyPoll(d time.Duration) bool {
	c := t.c
	c.recvMu.lock(nil)
	defer c.recvMu.unlock()
	switch {
	case c.in.len() > 0 || c.recvErr != nil:
		return true
	case c.readAhead == 0 || c.s.raw == nil:
		return false
	}
	c.s.midFrame = false
	n, p, err := c.s.rawLook(c.readAhead, d)
	if err == nil {
		c.in.adopt(p, n)
		c.dropAcks()
		return c.in.len() > 0
	}
	return !errors.Is(c.readFailed(err), os.ErrDeadlineExceeded)
}
