package reduction

import (
	"context"
	"syscall"

	"mpbridge/connection"
	"mpbridge/pickle"
)

// maxRequest bounds the pickle of (key, pid), in bytes.
const maxRequest = 1024

// serve answers one redeemer, whose handshake is over.
func (s *Sharer) serve(c *connection.Conn) {
	defer c.Close()
	if !s.begin() {
		return
	}
	defer s.wg.Done()
	ctx, cancel := context.WithTimeout(s.ctx, s.o.Timeout)
	defer cancel()
	if err := s.redeem(ctx, c); err != nil {
		s.peers.Logger("redeemers").Warn("a descriptor was not handed over", "error", err)
	}
}

// begin counts a redemption, unless the Sharer is closed.
func (s *Sharer) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.wg.Add(1)
	return true
}

// redeem does steps 2 to 5 of the package comment.
func (s *Sharer) redeem(ctx context.Context, c *connection.Conn) error {
	p, err := c.RecvBytes(ctx)
	if err != nil {
		return err
	}
	key, err := parseRequest(p)
	if err != nil {
		return err
	}
	h := s.take(key)
	if h == nil {
		return ErrGone
	}
	err = c.Transport().WithRawWrite(ctx, func(socket syscall.RawConn) (bool, error) {
		return false, sendRights(socket, []int{h.fd})
	})
	h.release()
	defer h.tell(err)
	if err != nil {
		return err
	}
	// 'A' or the end, whichever comes: some acknowledge and fail if nobody is there to read it.
	_ = c.Transport().WithRawRead(ctx, func(socket syscall.RawConn) (bool, error) {
		_, err := readByte(socket)
		return false, err
	})
	return nil
}

// parseRequest reads (key, pid). The pid would be needed where descriptors are stolen, not sent.
func parseRequest(p []byte) (key int64, err error) {
	var v any
	if err := pickle.Unmarshal(p, &v); err != nil {
		return 0, err
	}
	t, ok := v.(pickle.Tuple)
	if !ok || len(t) != 2 {
		return 0, malformed("a request that is no pair")
	}
	key, ok = t[0].(int64)
	if !ok {
		return 0, malformed("a request whose key is no number")
	}
	return key, nil
}
