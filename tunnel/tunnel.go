package tunnel

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math"
	"sync"
	"time"

	"mpbridge/connection"
	"mpbridge/internal/guard"
	"mpbridge/internal/option"
	"mpbridge/internal/peerlog"
)

// Defaults of Options.
const (
	// DefaultMaxConnections is how many connections a tunnel carries at once.
	DefaultMaxConnections = 10_000
	// DefaultDialTimeout is how long the far end may take to accept a connection.
	DefaultDialTimeout = 10 * time.Second
)

// Options of New; nil means all defaults.
type Options struct {
	// MaxConnections is how many connections are carried at once; 0 means DefaultMaxConnections. One
	// more is closed.
	MaxConnections int

	// DialTimeout bounds each call of the dial function; 0 means DefaultDialTimeout.
	DialTimeout time.Duration

	// HalfClose lets either side end its own stream and go on receiving for as long as it likes. Without
	// it a side that ends its stream has left, which is how programs that use multiprocessing behave.
	HalfClose bool

	// Logger is told about each connection that could not be carried (Warn) or ended with an error
	// (Info), and of a client that causes many such lines how many were left out; nil means nobody. It
	// never gets what is carried.
	Logger *slog.Logger
}

// Dial connects to the far end for one client. If it fails, the error is logged and the client's
// connection is closed; there is no second attempt.
type Dial func(ctx context.Context) (*connection.Conn, error)

// ErrServerClosed is what Serve returns after Shutdown or Close.
var ErrServerClosed = errors.New("tunnel: the tunnel is closed")

// Tunnel passes on connections. Its methods may be called concurrently.
type Tunnel struct {
	listener *connection.Listener
	dial     Dial
	opts     Options
	peers    *peerlog.Limiter // of the log

	lastWords time.Duration

	ctx context.Context // of dialling
	end context.CancelFunc

	mu      sync.Mutex // all below
	pairs   map[*pair]struct{}
	closing bool
	running sync.WaitGroup // pairs
}

// New makes a tunnel. It takes over the listener, which accepts the clients and has no key of its own;
// where it fails, which is with a *connection.OptionError, the listener remains the caller's.
func New(l *connection.Listener, dial Dial, o *Options) (*Tunnel, error) {
	t := &Tunnel{listener: l, dial: dial, lastWords: lastWords, pairs: make(map[*pair]struct{})}
	if o != nil {
		t.opts = *o
	}
	t.opts.MaxConnections = cmp.Or(t.opts.MaxConnections, DefaultMaxConnections)
	t.opts.DialTimeout = cmp.Or(t.opts.DialTimeout, DefaultDialTimeout)
	err := option.Check("tunnel",
		option.Int("MaxConnections", t.opts.MaxConnections, 1, math.MaxInt32),
		option.Time("DialTimeout", t.opts.DialTimeout, 1))
	if err != nil {
		return nil, err
	}
	t.peers = peerlog.New(t.opts.Logger, peerlog.Usual)
	t.ctx, t.end = context.WithCancel(context.Background())
	return t, nil
}

// Addr returns where clients connect.
func (t *Tunnel) Addr() connection.Address { return t.listener.Addr() }

// Serve carries connections until Shutdown or Close, and returns ErrServerClosed then; at the end of ctx
// it stops accepting and returns the cause.
//
// It does not wait for connections that are still open. A program that ends when Serve does would cut
// them off, with bytes on their way, so it calls Shutdown first, which waits.
func (t *Tunnel) Serve(ctx context.Context) error {
	err := t.listener.Serve(ctx, t.carry)
	if errors.Is(err, connection.ErrServerClosed) {
		return ErrServerClosed
	}
	return err
}

// Open returns how many connections are being carried.
func (t *Tunnel) Open() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.pairs)
}

// carry passes on one client's connection until it is over.
func (t *Tunnel) carry(client *connection.Conn) {
	p := &pair{client: client, halfClose: t.opts.HalfClose, lastWords: t.lastWords}
	log := t.peers.Logger(peerlog.Host(client.RemoteAddr())).With("peer", client.RemoteAddr().String())
	if !t.enter(p, log) {
		_ = client.Close()
		return
	}
	defer t.leave(p)
	target, err := t.reach(log)
	if err != nil {
		_ = client.Close()
		log.Warn("cannot reach the far end", "error", err)
		return
	}
	if !t.join(p, target) {
		_ = client.Close()
		_ = target.Close()
		return
	}
	up, down := p.run()
	level := slog.LevelDebug
	err = errors.Join(up.failure(), down.failure())
	if err != nil {
		level = slog.LevelInfo
	}
	log.Log(context.Background(), level, "connection ended", "bytes_up", up.n, "bytes_down", down.n,
		"error", err)
}

func (t *Tunnel) reach(log *slog.Logger) (c *connection.Conn, err error) {
	ctx, cancel := context.WithTimeout(t.ctx, t.opts.DialTimeout)
	defer cancel()
	err = guard.Apart(log, "Dial", func() error {
		c, err = t.dial(ctx)
		return err
	})
	if err == nil && c == nil {
		err = errNoConn
	}
	return c, err
}

var errNoConn = errors.New("tunnel: Dial returned neither a connection nor an error")

func (t *Tunnel) enter(p *pair, log *slog.Logger) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.closing:
		return false
	case len(t.pairs) >= t.opts.MaxConnections:
		log.Warn("refused a connection", "limit", t.opts.MaxConnections)
		return false
	}
	t.pairs[p] = struct{}{}
	t.running.Add(1)
	return true
}

// join gives a pair its second connection, unless it is to end already.
func (t *Tunnel) join(p *pair, target *connection.Conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ctx.Err() != nil {
		return false
	}
	p.target = target
	return true
}

func (t *Tunnel) leave(p *pair) {
	t.mu.Lock()
	delete(t.pairs, p)
	t.mu.Unlock()
	t.running.Done()
}

// Shutdown stops the tunnel: no new connections, and those that are open go on until ctx ends, when what
// is left is cut off. It returns how many those were.
func (t *Tunnel) Shutdown(ctx context.Context) (cut int, err error) {
	t.mu.Lock()
	t.closing = true
	t.mu.Unlock()
	_ = t.listener.Close()
	done := make(chan struct{})
	go func() {
		t.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		t.end()
		t.peers.Close()
		return 0, nil
	case <-ctx.Done():
	}
	cut = t.cut()
	<-done
	t.peers.Close()
	return cut, context.Cause(ctx)
}

// cut ends all pairs, those too that are still to be joined.
func (t *Tunnel) cut() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end()
	for p := range t.pairs {
		if p.target != nil {
			p.stop(p.client, p.target)
			p.stop(p.target, p.client)
		}
	}
	return len(t.pairs)
}

// Close is Shutdown without waiting for connections.
func (t *Tunnel) Close() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _ = t.Shutdown(ctx)
	return nil
}
