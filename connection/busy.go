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
func (c *Conn) BusyPoll(d time.Duration) bool {
	c.rgate.lock(nil)
	defer c.rgate.unlock()
	switch {
	case c.in.len() > 0 || c.rerr != nil:
		return true
	case c.ahead == 0 || c.s.raw == nil:
		return false
	}
	c.s.midway = false
	n, p, err := c.s.rawLook(c.ahead, d)
	if err == nil {
		c.in.adopt(p, n)
		c.dropAcks()
		return c.in.len() > 0
	}
	return !errors.Is(c.readFailed(err), os.ErrDeadlineExceeded)
}
