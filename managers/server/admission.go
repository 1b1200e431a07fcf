package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mpbridge/connection"
	"mpbridge/internal/peerlog"
	"mpbridge/managers"
	"mpbridge/managers/internal/wire"
)

// Whoever has a key may hold connections and do nothing. So no key but an admin's may hold all that there are: the
// descriptors of the process, or as many connections as the limits allow. Admins keep some to themselves, to look and
// to end others'. Nor do admins get the last descriptors: one that is left takes the next client in, to tell it. Who
// is refused is told so.

// shares are how the connections are divided among the keys.
type shares struct {
	all       int // connections
	ordinary  int // connections by all keys that are no admin's
	perKey    int // connections by one of them
	declining int // peers at once that are told why they are refused
}

// The descriptors that no ordinary key gets: for listeners, admins and the refused.
const (
	leastReserve = 16
	mostReserve  = 256
)

// ownDescriptors are those of the process itself: standard files, the poller, listeners, locks.
const ownDescriptors = 8

// mostDeclining bounds the peers that are told why they are refused. More are closed without a word.
const mostDeclining = 16

// shares divides what the process has: so many descriptors, 0 if that is not known.
func (l Limits) shares(descriptors int) (s shares) {
	s.all, s.declining = l.MaxConnections, mostDeclining
	s.ordinary = l.MaxConnections - min(leastReserve, l.MaxConnections/8)
	if descriptors > 0 {
		reserve := min(max(descriptors/8, leastReserve), mostReserve)
		s.ordinary = min(s.ordinary, max(descriptors-reserve, 1))
		s.declining = min(s.declining, reserve/4)
		s.all = min(s.all, max(descriptors-s.declining-ownDescriptors, 1))
	}
	s.perKey = max(s.ordinary/4*3, 1)
	if l.MaxPerKey > 0 {
		s.perKey = l.MaxPerKey
	}
	return s
}

// admit enters a connection, or refuses it and returns when that is done.
func (s *Server) admit(sess *session) bool {
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		_ = sess.conn.Close()
		return false
	}
	why := s.tooMany(sess)
	if why == nil {
		s.count(sess, 1)
		s.sessions[sess] = struct{}{}
		s.running.Add(1)
		s.mu.Unlock()
		return true
	}
	told := len(s.declining) < s.shares.declining
	if told {
		s.declining[sess] = struct{}{}
		s.running.Add(1)
	}
	s.mu.Unlock()
	sess.log().Warn("refused a connection", "error", why)
	sess.observeConnection(Refused, why)
	if told {
		sess.decline(why)
	}
	_ = sess.conn.Close()
	if told {
		s.mu.Lock()
		delete(s.declining, sess)
		s.mu.Unlock()
		s.running.Done()
	}
	return false
}

// tooMany says what one more connection goes beyond. mu is held.
func (s *Server) tooMany(sess *session) *LimitError {
	switch {
	case len(s.sessions) >= s.shares.all:
		return &LimitError{"connections", int64(s.shares.all)}
	case s.hosts[hostOf(sess.conn)] >= s.limits.MaxPerAddress:
		return &LimitError{"connections from one address", int64(s.limits.MaxPerAddress)}
	case sess.rights.admin():
		return nil
	case s.perKey[sess.rights.key] >= s.shares.perKey:
		return &LimitError{"connections with this key", int64(s.shares.perKey)}
	case s.ordinary >= s.shares.ordinary:
		return &LimitError{"connections with keys that are no admin's", int64(s.shares.ordinary)}
	}
	return nil
}

// count adds a connection to what is counted, or takes it off. mu is held.
func (s *Server) count(sess *session, n int) {
	add(s.hosts, hostOf(sess.conn), n)
	if !sess.rights.admin() {
		add(s.perKey, sess.rights.key, n)
		s.ordinary += n
	}
}

// add keeps no zeros: addresses come and go.
func add(counts map[string]int, key string, n int) {
	if counts[key] += n; counts[key] == 0 {
		delete(counts, key)
	}
}

func (s *Server) removeSession(sess *session) {
	s.mu.Lock()
	delete(s.sessions, sess)
	s.count(sess, -1)
	s.mu.Unlock()
	s.running.Done()
}

// endDeclining cuts off those who are being told that they are refused.
func (s *Server) endDeclining() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for sess := range s.declining {
		_ = sess.conn.Close()
	}
}

// hostOf returns the address of the machine at the other end; all of a unix socket's peers are one.
func hostOf(conn *connection.Conn) string {
	return peerlog.Host(conn.RemoteAddr())
}

// errRefused is what a client is told for whom there is no place: every Python shows a RemoteError with its text.
var errRefused = managers.NewExceptionClass("builtins", "ConnectionRefusedError")

// declinePatience bounds the time in which a refused client asks its first question and is answered.
const declinePatience = 2 * time.Second

// maxDeclined is how much of a refused client's request is kept, in bytes. Of a longer one is known how it begins.
const maxDeclined = wire.SmallMessage

// decline answers the first request, whatever it is, with the reason. A client listens to nothing before.
func (s *session) decline(why *LimitError) {
	ctx, cancel := context.WithTimeout(s.server.lifetime, declinePatience)
	defer cancel()
	_ = s.conn.SetDeadline(time.Now().Add(declinePatience))
	w := s.acquire()
	defer s.release()
	s.call = Call{server: s.server, session: s}
	s.dialect = everybodys
	msg, err := s.conn.Transport().RecvInto(context.Background(), w.in[:0], maxDeclined)
	tooLong := (*connection.LimitError)(nil)
	switch {
	case errors.As(err, &tooLong):
		head, err := s.conn.Discard(ctx, s.server.limits.MaxMessage, declinePatience)
		if err != nil {
			return
		}
		s.serializer = wire.SerializerOf(head)
	case err != nil:
		return
	default:
		s.message, s.owned = msg, cap(msg) != cap(w.in)
		if s.parse(&w.env) == nil {
			s.received(w)
		}
	}
	exc := errRefused.New(fmt.Sprintf("more than %d %s", why.Limit, why.What))
	_ = s.send(wire.KindTraceback, wire.TracebackOf(exc.Error()))
}
