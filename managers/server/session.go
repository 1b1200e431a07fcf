package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"sync"
	"time"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/internal/waits"
	"mpbridge/managers/internal/wire"
	"mpbridge/managers/queue"
	"mpbridge/pickle"
)

// session serves one client's connection: it owns it, reads each request, and writes its one reply.
type session struct {
	server  *Server
	conn    *connection.Conn
	id      uint64
	since   time.Time
	dialect pickle.Dialect
	name    string // written under mu, by the session alone
	rights  *rights

	serializer managers.Serializer // that of the client's first request

	call        Call
	work        *work
	message     []byte // the request being answered
	owned       bool   // message has a buffer of its own that nothing will overwrite
	watch       *watch
	serving     bool // accept_connection was called
	outcome     requestOutcome
	logger      *slog.Logger // of log; nil until it is asked for
	held        map[heldObject]struct{}
	heldAtSweep int // how many of them there were after the last look
	spinner     spinner
	last        effect       // what the last reply carried, until the client is known to have read it
	observation *observation // nil: nobody wants to know
	uses        *entry       // the object of the call, or of the last one while what its reply carried may come back

	mu     sync.Mutex // woken, parked, the read deadline, and hand
	woken  bool
	parked bool
	stop   bool
	hand   chan struct{} // wakes a wait that cannot use the connection
}

// work is what serving one request takes. Connections that wait hold none: neither those that wait for
// a request nor those whose call waits.
type work struct {
	in  []byte
	out []byte
	env pickle.Envelope
}

var works = sync.Pool{New: func() any {
	return &work{in: make([]byte, 0, wire.SmallMessage), out: make([]byte, 0, wire.SmallMessage)}
}}

// acquire gets the session something to work with.
func (s *session) acquire() *work {
	if s.work == nil {
		s.work = works.Get().(*work)
	}
	return s.work
}

// release gives it back. What refers to a large message is forgotten.
func (s *session) release() {
	w := s.work
	if w == nil {
		return
	}
	if s.owned {
		w.env = pickle.Envelope{}
	}
	if cap(w.out) > 2*wire.LargeReply {
		w.out = make([]byte, 0, wire.SmallMessage)
	}
	s.work, s.message, s.owned = nil, nil, false
	works.Put(w)
}

// run serves the connection until it ends.
func (s *session) run() {
	err := s.loop()
	switch {
	case s.last == nil:
	case s.conn.Transport().LostLastSend(err):
		s.takeBack(s.last, queue.Unread)
	default:
		s.last.Resolve(queue.Delivered)
	}
	s.letGo()
	for h := range s.held {
		h.ownerGone(s.id)
	}
	_ = s.conn.Close()
	s.observeConnection(Disconnected, ended(err))
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, waits.ErrStopped) {
		s.log().Info("connection ended", "error", err)
	}
}

// takeBack undoes what a reply carried that did not reach the client.
func (s *session) takeBack(e effect, o queue.Outcome) {
	e.Resolve(o)
	s.server.redelivered.Add(1)
}

// letGo ends the use of the object of the last call, if that has not ended yet.
func (s *session) letGo() {
	if s.uses != nil {
		s.uses.end()
		s.uses = nil
	}
}

// heldObject is an object that must know when the connection ends of a client that has something of it.
type heldObject interface{ ownerGone(owner uint64) }

// trackHeld notes that the client has something of h.
func (s *session) trackHeld(h heldObject) {
	if s.held == nil {
		s.held = make(map[heldObject]struct{})
	}
	s.held[h] = struct{}{}
	if len(s.held) > max(2*s.heldAtSweep, fewHeld) {
		maps.DeleteFunc(s.held, func(h heldObject, _ struct{}) bool {
			q, ok := h.(interface{ owes(owner uint64) bool })
			return ok && !q.owes(s.id)
		})
		s.held[h] = struct{}{}
		s.heldAtSweep = len(s.held)
	}
}

// fewHeld is how many objects a session remembers without looking whether its client still has something of
// them: one that works on a queue for each job comes by very many.
const fewHeld = 16

// trackGrant notes that the client holds h, for a server that takes back what the dead hold.
func (c *Call) trackGrant(h heldObject) {
	if c.server.opts.ReleaseOnDisconnect {
		c.session.trackHeld(h)
	}
}

// log is for what the client causes. It belongs to the session's goroutine.
func (s *session) log() *slog.Logger {
	if s.logger != nil {
		return s.logger
	}
	peer := hostOf(s.conn)
	if s.rights.key != "" {
		peer = s.rights.key + "@" + peer
	}
	log := s.server.peers.Logger(peer).With("client", s.id, "peer", s.conn.RemoteAddr(), "name", s.name)
	if s.rights.key != "" {
		log = log.With("key", s.rights.key)
	}
	s.logger = log.With(peerAttributes(s.conn)...)
	return s.logger
}

func (s *session) loop() error {
	for {
		if !s.outcome.more {
			return s.outcome.err
		}
		if err := s.await(); err != nil {
			return err
		}
		if s.last != nil { // who asks again has read the answer before
			s.last.Resolve(queue.Delivered)
			s.last = nil
		}
		s.letGo()
		s.answer()
		if s.last == nil {
			s.letGo()
		}
		if !s.outcome.more {
			return s.outcome.err
		}
	}
}

// await waits for the next request without holding anything that a request needs.
func (s *session) await() error {
	began := time.Now()
	defer func() { s.spinner.learn(time.Since(began)) }()
	if s.spinner.spin(&s.server.spinning, s.conn, s.server.spinning.alone(s.id, began)) && !s.stopping() {
		return nil
	}
	idle := s.server.limits.IdleTimeout
	var end time.Time
	if idle > 0 {
		end = time.Now().Add(idle)
		_ = s.conn.SetReadDeadline(end)
	}
	for {
		if s.stopping() {
			return waits.ErrStopped
		}
		if s.conn.Transport().Buffered() > 0 {
			return nil // it came together with what was read before
		}
		err := s.conn.Transport().WaitReadable()
		if err == nil && idle > 0 {
			return s.conn.SetReadDeadline(time.Time{})
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		if idle > 0 && !time.Now().Before(end) {
			return &LimitError{"seconds without a request", int64(idle.Seconds())}
		}
		// Somebody woke a wait that was over already, or the server stops.
		_ = s.conn.SetReadDeadline(end)
	}
}

// serveOne reads one request and writes its reply. It returns false when the connection is over.
func (s *session) serveOne() (bool, error) {
	w := s.acquire()
	msg, err := s.conn.Transport().RecvInto(context.Background(), w.in[:0], 0)
	if err != nil {
		return s.unreceived(err)
	}
	s.message, s.owned = msg, cap(msg) != cap(w.in)
	s.server.requests.Add(1)
	s.observeRequest(len(msg))
	s.call = Call{server: s.server, session: s}
	if s.serving {
		return true, s.serveCall(w)
	}
	return s.serveFirst(w)
}

// send writes the reply (kind, v). When that fails the call is undone.
func (s *session) send(kind string, v any) error {
	if s.call.parked && s.conn.Transport().PeerGone() {
		return s.undeliverable(io.ErrClosedPipe)
	}
	err := s.write(kind, v)
	if err != nil {
		return s.undeliverable(err)
	}
	s.last, s.call.effect = s.call.effect, nil
	return nil
}

// write writes (kind, v) once. Large parts are not copied.
func (s *session) write(kind string, v any) error {
	if s.serializer == managers.XMLRPC {
		return s.writeXML(kind, v)
	}
	w := s.acquire()
	out, small, err := wire.AppendReply(w.out[:0], kind, v, s.dialect)
	var bufs [][]byte
	if !small && err == nil {
		bufs, err = wire.LayReply(kind, v, s.dialect, s.replyMeter(kind))
	}
	if err == nil && !small {
		err = s.fits(kind, v, bufs)
	}
	switch {
	case err != nil:
		return s.unserializable(err)
	case small:
		w.out = out
		s.observeReply(kind, int64(len(out)))
		s.outcome.replying = true
		return s.conn.SendBytes(context.Background(), out)
	}
	return s.sendReply(kind, bufs)
}

// replyMeter is what writing a reply draws on: what says that the budget was spent has no bounds.
func (s *session) replyMeter(kind string) pickle.Meter {
	if kind == wire.KindReturn || kind == wire.KindProxy {
		return s.call.opener().meter()
	}
	return nil
}

// fits reports whether a result that was made here is as long as a message may be. A value that came in one
// message goes out in one.
func (s *session) fits(kind string, v any, bufs [][]byte) error {
	if _, came := v.(pickle.Raw); came || kind != wire.KindReturn {
		return nil
	}
	n := int64(0)
	for _, b := range bufs {
		n += int64(len(b))
	}
	if n > s.server.limits.MaxMessage {
		return managers.ErrMemoryError.New(fmt.Sprintf(
			"the result has %d bytes: the server's limit is %d, --max-message", n, s.server.limits.MaxMessage))
	}
	return nil
}

// unserializable tells the client that its result cannot be pickled for it, and takes the call back: an
// item that this client cannot load stays for one that can.
func (s *session) unserializable(cause error) error {
	s.observeError(cause)
	if errors.Is(cause, waits.ErrGone) {
		return cause
	}
	s.revoke()
	if exc := managers.AsException(cause); exc != nil {
		s.logLimit(cause)
		return s.write(wire.KindError, exc.Native(s.dialect))
	}
	s.log().Warn("result cannot be pickled for this client", "method", s.call.Method, "error", cause)
	text := "the result cannot be pickled for this client: " + cause.Error() + "\n"
	return s.write(wire.KindUnserializable, text) // a text can be written, so this ends here
}

// revoke takes the call back because the client gets an exception in place of its result: an item that was
// taken and cannot be shown is not lost.
func (s *session) revoke() {
	if e := s.call.effect; e != nil {
		s.call.effect = nil
		e.Resolve(queue.Unsent)
	}
}

// undeliverable takes the call back because its reply was not written.
func (s *session) undeliverable(err error) error {
	s.observeUndelivered(err)
	if s.call.effect != nil {
		o := queue.Unsent
		if s.conn.Transport().SentPartially() {
			o = queue.Torn
		}
		s.takeBack(s.call.effect, o)
		s.call.effect = nil
	}
	return err
}

// stopping reports whether the server wants the session to end.
func (s *session) stopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stop
}

// shutdown ends the session: at once where it waits, else when its call is answered.
func (s *session) shutdown() {
	s.mu.Lock()
	s.stop = true
	s.interrupt()
	s.mu.Unlock()
}

// Wake ends the session's park, the one under way or the next one.
func (s *session) Wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.woken = true
	if s.parked {
		s.interrupt()
	}
}

// Gone reports whether the client is known to have left.
func (s *session) Gone() bool { return s.conn.Transport().PeerGone() }

// longAgo is a deadline that has passed.
var longAgo = time.Unix(1, 0)

func (s *session) interrupt() {
	_ = s.conn.SetReadDeadline(longAgo)
	if s.hand != nil {
		select {
		case s.hand <- struct{}{}:
		default:
		}
	}
}

// park waits for wake, for the time, or for the end of the connection. It waits in a read of the
// connection, so that a client that leaves is noticed without a second goroutine. Where the server stops, what
// idles, as who waits for an item does, ends; beside a call that works it goes on.
func (s *session) park(deadline time.Time, idles bool) error {
	if done, err := s.beginPark(deadline, idles); done {
		return err
	}
	err := s.conn.Transport().WaitReadable()
	if err == nil {
		err = s.parkAside(deadline, idles) // the client sends ahead: its connection tells nothing now
	}
	return s.endPark(err, deadline, idles)
}

// beginPark begins a park, unless there is nothing to wait for.
func (s *session) beginPark(deadline time.Time, idles bool) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop && idles {
		return true, waits.ErrStopped
	}
	if s.woken {
		s.woken = false
		return true, nil
	}
	s.parked = true
	if !deadline.IsZero() {
		_ = s.conn.SetReadDeadline(deadline)
	}
	return false, nil
}

// endPark ends a park and says why it ended.
func (s *session) endPark(err error, deadline time.Time, idles bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parked = false
	if s.stop && idles {
		return waits.ErrStopped
	}
	_ = s.conn.SetReadDeadline(time.Time{})
	switch {
	case s.woken:
		s.woken = false
		return nil
	case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
		return waits.ErrGone
	case deadline.IsZero() || time.Now().Before(deadline):
		return nil
	}
	return waits.ErrTimeout
}

// defaultLivenessInterval is how often a wait that cannot watch its connection looks whether the client is still
// there.
const defaultLivenessInterval = time.Second

// parkAside waits where the connection cannot be watched because unread requests are in it: a client
// that leaves is noticed at the next lookout.
func (s *session) parkAside(deadline time.Time, idles bool) error {
	s.mu.Lock()
	if s.hand == nil {
		s.hand = make(chan struct{}, 1)
	}
	hand, ready := s.hand, s.woken || s.stop && idles
	s.mu.Unlock()
	if ready {
		return nil
	}
	var timer <-chan time.Time
	if !deadline.IsZero() {
		t := time.NewTimer(time.Until(deadline))
		defer t.Stop()
		timer = t.C
	}
	look := time.NewTicker(s.server.livenessInterval)
	defer look.Stop()
	for {
		select {
		case <-hand:
			return nil
		case <-timer:
			return os.ErrDeadlineExceeded
		case <-look.C:
			if s.Gone() {
				return io.EOF
			}
		}
	}
}
