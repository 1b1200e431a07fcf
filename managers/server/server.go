package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"mpbridge/connection"
	"mpbridge/internal/peerlog"
	"mpbridge/managers"
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
	// again. Whoever shares locks between threads or processes of one program wants them to stay.
	ReleaseOnDisconnect bool
	// BusyPoll is for how long the next request of a client that asks one thing after the other is looked
	// for at most before it is waited for: to be woken takes longer than most calls. For how long indeed
	// is learnt from the client, and a fifth of that at most where several clients hurry. It costs that much of a
	// processor; clients that pause are soon left alone, and at most half of the processors look at once.
	// 0 means DefaultBusyPoll, less than 0 that nothing is looked for.
	BusyPoll time.Duration
	// Logger gets refused peers and failed requests; nil means nobody. It never gets a key or a value. Of
	// what the clients of one key and host cause it gets 100 lines at once and 2 a second on average, of all
	// clients 500 and 50, and how many were left out.
	Logger *slog.Logger
	// Journals make durable what is shared by name: queues, those of families too, except for those that have a Journal of their
	// own, and whatever else a Snapshot has. They are closed after the server. nil means that all goes with the server.
	// What a client makes for itself is never durable.
	Journals queue.Journals
	// Observer is told what clients do; nil means nobody.
	Observer Observer
	// UnixMode and UnixOwner are those of the files of unix sockets: see connection.ListenOptions.
	UnixMode  os.FileMode
	UnixOwner *connection.FileOwner
}

// Server is a manager server: what BaseManager.get_server().serve_forever() is in Python. Types are
// registered, addresses listened on, then Serve runs until Shutdown or Close.
//
// Its methods may be called concurrently.
type Server struct {
	opts             Options
	limits           Limits
	decode           *pickle.DecodeOptions // of what clients send: the limits of pickles
	log              *slog.Logger
	peers            *peerlog.Limiter    // of what clients cause in the log
	keyring          *connection.Keyring // nil: the Authkey alone
	registry         registry
	objects          *objects
	creating         sync.Mutex         // Type.New is called one at a time
	families         map[string]members // of queues, by name; written under mu
	buffers          buffers
	functions        map[string]serverFunction       // that a first request may name: public
	objectOf         func(v any) (o Object, ok bool) // of a value that is one: asObject
	room             *queue.Room
	allowance        allowance
	segments         segments
	livenessInterval time.Duration // see defaultLivenessInterval
	shares           shares

	shortFrames int64 // the constant, except for tests

	iteratorKeys int // of a dict that is iterated over by value: the constant, except for tests

	spinning spinBudget

	requests, redelivered, sessionIDs atomic.Uint64

	waiting atomic.Int64 // calls that wait

	capturing sync.Mutex          // a Snapshot
	captures  map[*entry]*capture // begun and not ended
	onDemand  func() (managers.SnapshotInfo, error)

	mu        sync.Mutex // all below
	listeners []*connection.Listener
	sessions  map[*session]struct{}
	hosts     map[string]int // connections by hostOf
	perKey    map[string]int // connections by the name of a key that is not an admin's
	ordinary  int            // their sum
	declining map[*session]struct{}
	queues    []offered // queues that the program added
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
	// ErrServerClosed is what Listen and Serve return after Shutdown, Close or a client's request to stop.
	ErrServerClosed = errors.New("managers: the server is closed")
)

// RegisterType makes a typeid known: what BaseManager.register does. It must be called before Serve.
func (s *Server) RegisterType(typeid string, t Type) error { return s.registry.add(typeid, t) }

func (s *Server) addQueue(q offered) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queues = append(s.queues, q)
}

// Stopping returns a channel that closes when a client asks the server to stop, or Shutdown begins.
func (s *Server) Stopping() <-chan struct{} { return s.stop }

func (s *Server) askStop() {
	s.stopped.Do(func() { close(s.stop) })
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

func (s *Server) open() []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*session, 0, len(s.sessions))
	for sess := range s.sessions {
		out = append(out, sess)
	}
	return out
}

// serverFunction answers a connection's first request.
type serverFunction func(s *session) (any, error)

// offered is a queue that is shared by name.
type offered interface {
	stats() queue.Stats
	// stop ends its timers. What it holds stays.
	stop()
}

// members are objects of one name, by argument: a family of queues.
type members interface {
	// restore finds or makes the member that a snapshot has.
	restore(name string) (*entry, error)
}
