package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mpbridge/connection"
	"mpbridge/internal/peerlog"
	"mpbridge/managers"
	"mpbridge/managers/internal/wire"
	"mpbridge/managers/queue"
	"mpbridge/pickle"
)

// Options are the settings of a Server; nil means all defaults.
type Options struct {
	// Authkey is the secret that clients must know. It must not be empty, unless there are Keys.
	Authkey []byte
	// Keys, if any, are further secrets, of which each allows some things and not others. The Authkey
	// allows everything.
	Keys []Key
	// Digests says which digests the handshake may use.
	Digests connection.DigestPolicy
	// Limits bounds what clients can make the server spend.
	Limits Limits
	// Naive is the time zone of datetimes that have none, in items and in arguments of registered Go values,
	// where they are put into a time.Time: see pickle.DecodeOptions. nil means that they are an error then.
	Naive *time.Location
	// ReleaseOnDisconnect lets go of the locks and semaphores that a client holds when its connection ends.
	// Python's server keeps them for good, or passes an RLock on to a stranger whose thread has the number
	// of the dead one's; without this option they stay with the dead client's number, which is never used
	// again. Who shares locks between threads or processes of one program wants them to stay.
	ReleaseOnDisconnect bool
	// BusyPoll is for how long the next request of a client that asks one thing after the other is looked
	// for before it is waited for: to be woken takes longer than most calls. It costs that much of a
	// processor; clients that pause are soon left alone, and at most half of the processors look at once.
	// 0 means DefaultBusyPoll, less than 0 that nothing is looked for.
	BusyPoll time.Duration
	// Logger gets refused peers and failed requests; nil means nobody. It never gets a key or a value. Of
	// what the clients of one key and host cause it gets 100 lines at once and 2 a second on average, of all
	// clients 500 and 50, and how many were left out.
	Logger *slog.Logger
	// UnixMode and UnixOwner are those of the files of unix sockets: see connection.ListenOptions.
	UnixMode  os.FileMode
	UnixOwner *connection.Owner
}

// Server is a manager server: what BaseManager.get_server().serve_forever() is in Python. Types are
// registered, addresses listened on, then Serve runs until Shutdown or Close.
//
// Its methods may be called concurrently.
type Server struct {
	opts      Options
	limits    Limits
	decode    *pickle.DecodeOptions // of what clients send: the limits of pickles
	log       *slog.Logger
	peers     *peerlog.Limiter    // of what clients cause in the log
	keyring   *connection.Keyring // nil: the Authkey alone
	registry  registry
	objects   *objects
	creating  sync.Mutex         // Type.New is called one at a time
	families  map[string]*family // by name; written under mu
	buffers   buffers
	room      *queue.Room
	allowance allowance
	segments  segments
	lookout   time.Duration // see defaultLookout
	shares    shares

	shortFrames int64 // the constant, but for tests

	iteratorKeys int // of a dict that is iterated over by value: the constant, but for tests

	busy busy

	requests, redelivered, sessionIDs atomic.Uint64

	waiting atomic.Int64 // calls that wait

	capturing sync.Mutex          // a Snapshot
	captures  map[*entry]*capture // begun and not ended
	onDemand  func() (managers.SnapshotInfo, error)

	mu        sync.Mutex // all below
	listeners []*connection.Listener
	sessions  map[*session]struct{}
	hosts     map[string]int // connections by hostOf
	perKey    map[string]int // connections by the name of a key that is no admin's
	ordinary  int            // their sum
	declining map[*session]struct{}
	queues    []*queueObject // that the program added
	closing   bool

	stop chan struct{} // closed when a client asks for shutdown or Shutdown begins
	// lifetime ends when calls in flight have had their time, for what runs beside them.
	lifetime context.Context
	end      context.CancelFunc
	stopped  sync.Once
	running  sync.WaitGroup // sessions
}

var (
	errNoKey     = errors.New("managers: a server needs an authkey")
	errNoAddress = errors.New("managers: Serve before Listen")
	// ErrServerClosed is what Listen and Serve return after Shutdown or Close.
	ErrServerClosed = errors.New("managers: the server is closed")
)

// New makes a server. It fails where the options are not usable.
func New(o *Options) (*Server, error) {
	s := &Server{
		sessions: make(map[*session]struct{}), hosts: make(map[string]int),
		perKey: make(map[string]int), declining: make(map[*session]struct{}),
		families: make(map[string]*family), stop: make(chan struct{}), lookout: defaultLookout,
		shortFrames: wire.ShortFrames, iteratorKeys: maxIteratorKeys,
	}
	if o != nil {
		s.opts = *o
	}
	err := s.openKeyring()
	if err != nil {
		return nil, err
	}
	if s.limits, err = s.opts.Limits.check(); err != nil {
		return nil, err
	}
	s.log = peerlog.Careful(s.opts.Logger)
	s.peers = peerlog.New(s.log, peerlog.Usual)
	s.shares = s.limits.shares(descriptors())
	s.decode = s.limits.decoding()
	if s.opts.Naive != nil {
		if s.decode == nil {
			s.decode = new(pickle.DecodeOptions)
		}
		s.decode.Naive = s.opts.Naive
	}
	s.objects = newObjects(s.limits, s.peers.Logger("objects"))
	s.room = queue.NewRoom(s.limits.MaxItems, s.limits.MaxItemBytes, s.peers.Logger("queues"))
	s.allowance = s.limits.allowance()
	s.busy.init(s.opts.BusyPoll)
	s.lifetime, s.end = context.WithCancel(context.Background())
	return s, nil
}

// RegisterType makes a typeid known: what BaseManager.register does. It must be called before Serve.
func (s *Server) RegisterType(typeid string, t Type) error { return s.registry.add(typeid, t) }

func (s *Server) addQueue(q *queueObject) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queues = append(s.queues, q)
}

// Listen opens an address and returns it with the port that the system chose where it was 0. A server
// may listen on several.
func (s *Server) Listen(addr connection.Address) (connection.Address, error) {
	return s.ListenTLS(addr, nil)
}

// ListenTLS is Listen for a TCP address on which clients have to speak TLS, as Client does with
// client.Options.TLS and stock Python behind a tunnel. The authkey is asked for as well.
func (s *Server) ListenTLS(addr connection.Address, cfg *tls.Config) (connection.Address, error) {
	o := &connection.ListenOptions{
		Options: connection.Options{
			MaxMessage: s.limits.MaxMessage,
			ReadBuffer: wire.SmallMessage,
			WriteStall: s.limits.WriteStall,
			Alloc:      s.buffers.get,
		},
		Digests:          s.opts.Digests,
		HandshakeTimeout: s.limits.HandshakeTimeout,
		MaxPending:       s.limits.MaxHandshakes,
		UnixMode:         s.opts.UnixMode,
		UnixOwner:        s.opts.UnixOwner,
		TLS:              cfg,
		Logger:           s.log,
	}
	if o.Keys = s.keyring; o.Keys == nil {
		o.Authkey = s.opts.Authkey
	}
	l, err := connection.Listen(addr, o)
	if err != nil {
		return addr, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		_ = l.Close()
		return addr, ErrServerClosed
	}
	s.listeners = append(s.listeners, l)
	return l.Addr(), nil
}

// Serve answers clients until the server is shut down, by Shutdown, Close, ctx, or a client's request.
// It does not wait for connections that are still open: Shutdown does.
func (s *Server) Serve(ctx context.Context) error {
	s.registry.freeze()
	s.mu.Lock()
	listeners := s.listeners
	closing := s.closing
	s.mu.Unlock()
	switch {
	case closing:
		return ErrServerClosed
	case len(listeners) == 0:
		return errNoAddress
	}
	var loops sync.WaitGroup
	for _, l := range listeners {
		loops.Go(func() { _ = l.Serve(s.accept) })
	}
	select {
	case <-ctx.Done():
	case <-s.stop:
	}
	s.closeListeners()
	loops.Wait()
	return context.Cause(ctx)
}

// Stopping returns a channel that closes when a client asks the server to stop, or Shutdown begins.
func (s *Server) Stopping() <-chan struct{} { return s.stop }

func (s *Server) askStop() {
	s.stopped.Do(func() { close(s.stop) })
}

func (s *Server) closeListeners() {
	s.mu.Lock()
	listeners := s.listeners
	s.listeners, s.closing = nil, true
	s.mu.Unlock()
	for _, l := range listeners {
		_ = l.Close()
	}
}

// accept serves one authenticated connection in the goroutine of its handshake.
func (s *Server) accept(conn *connection.Conn) {
	sess := &session{
		server: s, conn: conn, id: s.sessionIDs.Add(1), since: time.Now(), rights: s.rightsOf(conn),
		eager: eager{rest: firstRest}, outcome: requestOutcome{more: true},
	}
	if !s.admit(sess) {
		return
	}
	if s.log.Enabled(s.lifetime, slog.LevelDebug) {
		sess.log().Debug("client accepted")
	}
	sess.serve()
}

// addressFor returns the address under which a client reached the server.
func (s *Server) addressFor(conn *connection.Conn) connection.Address {
	switch a := conn.LocalAddr().(type) {
	case *net.TCPAddr:
		return connection.Address{Network: connection.TCP, Name: a.IP.String(), Port: a.Port}
	case *net.UnixAddr:
		return connection.Address{Network: connection.Unix, Name: a.Name}
	}
	return connection.Address{}
}

// Report says what a server left behind when it stopped.
type Report struct {
	// Queues are those that were not empty.
	Queues []queue.Stats
	// Cut is the number of connections whose call did not finish in time.
	Cut int
}

// Items returns the number of items left in all queues.
func (r Report) Items() (n int) {
	for _, q := range r.Queues {
		n += q.Len
	}
	return n
}

// lastGrace is how long Shutdown waits for calls whose connections it has cut.
const lastGrace = time.Second

// Shutdown stops the server: no new connections, calls that wait for an item, a lock or the like see the end of
// their connection, and calls that work finish and have their replies written: those of registered methods, of
// pools' workers, and steps of iterations. When ctx ends their contexts do, and what is left is cut off.
func (s *Server) Shutdown(ctx context.Context) (Report, error) {
	s.askStop()
	s.closeListeners()
	for _, sess := range s.open() {
		sess.shutdown()
	}
	s.endDeclining()
	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	var r Report
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = context.Cause(ctx)
		s.end()
		for _, sess := range s.open() {
			r.Cut++
			_ = sess.conn.Close()
		}
		select {
		case <-done:
		case <-time.After(lastGrace): // a method that does not watch its context is left behind
		}
	}
	s.end()
	r.Queues = s.left()
	for _, q := range s.allQueues() {
		if q.engine != nil {
			q.engine.StopLeases()
		}
	}
	s.objects.close()
	s.segments.close()
	s.peers.Close()
	return r, err
}

// Close stops the server without waiting for calls in flight.
func (s *Server) Close() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _ = s.Shutdown(ctx)
	return nil
}

func (s *Server) open() []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*session, 0, len(s.sessions))
	for sess := range s.sessions {
		out = append(out, sess)
	}
	return out
}

func (s *Server) left() (out []queue.Stats) {
	for _, q := range s.Stats().Queues {
		if q.Len > 0 {
			out = append(out, q)
		}
	}
	return out
}

// Stats is a snapshot of a server's counters.
type Stats struct {
	Connections int
	Objects     int    // that clients refer to
	Requests    uint64 // since the start
	Redelivered uint64 // replies that reached nobody and were taken back
	Items       int64  // in all queues, and lent
	ItemBytes   int64  // of them, with ItemOverhead for each
	Queues      []queue.Stats
	Time        time.Time
}

// Stats returns a snapshot.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	st := Stats{Connections: len(s.sessions), Time: time.Now()}
	s.mu.Unlock()
	st.Objects = s.objects.count()
	st.Items, st.ItemBytes = s.room.Held()
	st.Requests, st.Redelivered = s.requests.Load(), s.redelivered.Load()
	for _, q := range s.allQueues() {
		st.Queues = append(st.Queues, q.backend.Stats())
	}
	return st
}

// allQueues returns the queues that are shared by name.
func (s *Server) allQueues() []*queueObject {
	s.mu.Lock()
	queues := slices.Clone(s.queues)
	s.mu.Unlock()
	return append(queues, s.objects.memberQueues()...)
}
