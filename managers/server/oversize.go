package server

import (
	"context"
	"errors"
	"fmt"
	"math"

	"mpbridge/connection"
	"mpbridge/managers/internal/wire"
	"mpbridge/pickle"
)

// A request that is longer than Limits.MaxMessage is read away and answered, so that its client learns
// why and can go on, if it is no longer than maxOvershoot such messages or leastDrained bytes. Beyond,
// the connection ends: nobody means to send that, and its bytes are work.
const (
	maxOvershoot = 4
	leastDrained = 4 << 30
)

// unreceived is what becomes of a request that could not be received. It returns false when the
// connection is over.
func (s *session) unreceived(err error) (bool, error) {
	tooLong := (*connection.LimitError)(nil)
	if !errors.As(err, &tooLong) {
		return false, err
	}
	s.release() // the rest may take its time
	limits := s.server.limits
	most := max(maxOvershoot*limits.MaxMessage, leastDrained)
	head, err := s.conn.Discard(context.Background(), most, limits.WriteStall)
	if err != nil {
		return false, err
	}
	s.server.requests.Add(1)
	s.observeRequest(int(min(tooLong.Got, math.MaxInt)))
	s.call = Call{server: s.server, session: s}
	if s.serializer == "" {
		s.serializer = wire.SerializerOf(head)
	}
	limit := &LimitError{"bytes in a message", tooLong.Limit}
	s.log().Warn("a message met a limit", "limit", tooLong.Limit, "bytes", tooLong.Got)
	err = fmt.Errorf("%w (--max-message): it has %d", limit, tooLong.Got)
	if s.serving {
		return true, s.sendException(err)
	}
	s.dialect = everybodys
	return false, s.sendTraceback(err)
}

// everybodys is a dialect that every Python reads.
var everybodys = pickle.Dialect{Protocol: 2, NativeBytes: true}

// longFrames is the first pickle protocol whose Pythons all read the long form of a message's header.
const longFrames = 4

// sendReply sends a reply, or in its place an exception where this client cannot read one so long.
func (s *session) sendReply(kind string, bufs [][]byte) error {
	size := int64(0)
	for _, b := range bufs {
		size += int64(len(b))
	}
	if size > s.server.shortFrames && (s.dialect.NativeBytes || s.dialect.Protocol < longFrames) {
		return s.unserializable(fmt.Errorf("its %d bytes are more than the %d that it reads",
			size, s.server.shortFrames))
	}
	s.observeReply(kind, size)
	s.outcome.replying = true
	return s.conn.SendBuffers(context.Background(), bufs)
}
