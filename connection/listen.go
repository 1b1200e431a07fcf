package connection

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"os"
	"sync"
	"time"

	"mpbridge/internal/guard"
	"mpbridge/internal/option"
	"mpbridge/internal/peerlog"
)

// ListenOptions of Listen; nil means all defaults.
type ListenOptions struct {
	Options // of each Conn

	// Authkey is the shared secret; nil means that there is no handshake and whoever connects is
	// accepted. An empty key that is not nil is a key.
	Authkey []byte

	// Keys is given instead of Authkey where there are several: a peer may have any of them, and
	// Conn.KeyName says which. CPython's listener has one.
	Keys *Keyring

	// Digests says which digests the handshake may use.
	Digests DigestPolicy

	// HandshakeTimeout bounds each handshake; 0 means DefaultHandshakeTimeout.
	HandshakeTimeout time.Duration

	// TLS, if not nil, has every connection begin with a TLS handshake, on TCP only. It is within the
	// time of HandshakeTimeout, and the authkey's handshake follows inside. Stock Python does not
	// speak TLS.
	TLS *tls.Config

	// MaxPending is how many peers may be in a handshake at once; 0 means DefaultMaxPending. One
	// more drops the oldest.
	MaxPending int

	// Backlog is the length of the system's queue of connections; 0 means the system's maximum.
	Backlog int

	// UnixMode is the mode of a unix socket's file; 0 leaves it to the umask. Who may write to
	// the file may connect. Nobody can before the file has this mode and the owner below.
	UnixMode os.FileMode

	// UnixOwner, if not nil, is who owns the file of a unix socket. It needs a UnixMode, and the
	// right to give files away.
	UnixOwner *FileOwner

	// KeepAlive is after how much silence a TCP peer is asked for signs of life; 0 means
	// DefaultKeepAlive, and less than 0 never (see Transport.SetKeepAlive). It is set after the
	// handshake.
	KeepAlive time.Duration

	// Logger is told about refused peers (Warn), 20 of them a second and 2 of each host, and how many
	// were left out; and about accept errors. nil means nobody.
	Logger *slog.Logger

	// OnRefused, if not nil, is called for each peer whose handshake failed, from a goroutine of
	// the Listener, for which Close waits.
	OnRefused func(addr net.Addr, err error)
}

// check returns o with defaults in place of zeros, or an *OptionError.
func (o *ListenOptions) check() (ListenOptions, error) {
	var c ListenOptions
	if o != nil {
		c = *o
	}
	c.HandshakeTimeout = cmp.Or(c.HandshakeTimeout, DefaultHandshakeTimeout)
	c.MaxPending = cmp.Or(c.MaxPending, DefaultMaxPending)
	conn, err := c.Options.check()
	if err != nil {
		return c, err
	}
	c.Options = *conn
	return c, option.Check("connection",
		option.Time("HandshakeTimeout", c.HandshakeTimeout, 1),
		option.Int("MaxPending", c.MaxPending, 1, math.MaxInt32),
		option.Int("Backlog", c.Backlog, 0, math.MaxInt32),
		option.Time("KeepAlive", c.KeepAlive, -option.MaxTime))
}

// Listener accepts connections of peers that have the key. Each handshake runs in a goroutine of
// its own and within its own time, so no peer delays another. Nothing is accepted before the first
// call of Accept or Serve. Its methods may be called at once from many goroutines.
type Listener struct {
	ln    net.Listener
	addr  Address
	opts  ListenOptions
	conn  *Options
	auth  *authenticator // nil: no handshake
	clean func()         // removes the socket file

	start      sync.Once
	shared     bool // by calls of Accept; set by start
	conns      chan *Conn
	done       chan struct{}
	stop       sync.Once
	workers    sync.WaitGroup // the accept loop and the handshakes
	handlers   running        // calls of handle
	handshakes handshakes

	peers *peerlog.Limiter // of Logger
}

// strangers are the bounds of what those cause in the log who may not come in.
var strangers = peerlog.Options{
	Peer: peerlog.Rate{Burst: 10, PerSecond: 2}, All: peerlog.Rate{Burst: 20, PerSecond: 20},
}

// Listen opens a listening socket at what ParseAddress reads; what is written is what is opened.
//
//	address         opens
//	0.0.0.0:5000    IPv4, every interface
//	[::]:5000       IPv6 and nothing else, every interface
//	:5000           both, with one port; IPv4 alone where the system has no IPv6
//	127.0.0.1:5000  that address
//	name:5000       one address of the name, an IPv4 one if there is any, as in CPython
//	/path           a unix socket; @name is an abstract one
//
// Port 0 has the system choose one, which Addr tells. The file of a unix socket that nobody listens on any
// more is replaced, by one of several processes that try; one with a living listener is an error.
func Listen(address string, opts *ListenOptions) (*Listener, error) {
	o, err := opts.check()
	if err != nil {
		return nil, err
	}
	addr, err := ParseAddress(address)
	if err != nil {
		return nil, err
	}
	conn := o.Options // apart, so that no Conn keeps the key alive
	l := &Listener{opts: o, conn: &conn, conns: make(chan *Conn),
		done: make(chan struct{}), clean: func() {}, peers: peerlog.New(o.Logger, strangers)}
	l.handshakes.max, l.handshakes.timeout = o.MaxPending, o.HandshakeTimeout
	if err := l.authenticate(o); err != nil {
		return nil, err
	}
	l.opts.Authkey = nil // the authenticator has its own copy
	if l.opts.TLS, err = listenerTLS(o.TLS, addr); err != nil {
		return nil, err
	}
	if err := l.open(addr); err != nil {
		return nil, err
	}
	return l, nil
}

// authenticate prepares the handshake, if there is to be one.
func (l *Listener) authenticate(o ListenOptions) (err error) {
	switch {
	case o.Authkey != nil && o.Keys != nil:
		return errors.New("connection: Authkey and Keys exclude each other")
	case o.Authkey != nil:
		l.auth, err = newAuthenticator(ringOf(o.Authkey), o.Digests)
	case o.Keys != nil:
		l.auth, err = newAuthenticator(o.Keys, o.Digests)
	}
	return err
}

// open binds the socket.
func (l *Listener) open(addr Address) error {
	if err := addr.check(); err != nil {
		return err
	}
	ln, err := l.bind(addr)
	if err != nil {
		return opError("listen", err)
	}
	l.ln, l.addr = ln, addr.opened(ln.Addr())
	if addr.hasFile() {
		l.clean = unlinker(addr.Name)
	}
	if l.opts.Backlog <= 0 {
		return nil
	}
	if err := setBacklog(ln, l.opts.Backlog); err != nil {
		l.clean()
		_ = ln.Close()
		return opError("listen", err)
	}
	return nil
}

// bind makes the listening socket.
func (l *Listener) bind(addr Address) (net.Listener, error) {
	if !addr.hasFile() {
		// Keep-alive is four more calls for each connection, so it waits until the peer is known.
		return listenPlain(addr, -1)
	}
	return claim(addr.Name, func() (net.Listener, error) {
		if l.opts.UnixMode != 0 || l.opts.UnixOwner != nil {
			return listenGuarded(addr.Name, l.opts.UnixMode.Perm(), l.opts.UnixOwner)
		}
		return listenPlain(addr, -1)
	})
}

// listenPlain makes a socket of package net.
func listenPlain(addr Address, keepAlive time.Duration) (net.Listener, error) {
	lc := net.ListenConfig{KeepAlive: keepAlive}
	lc.SetMultipathTCP(false)
	network, address := addr.listened()
	ln, err := lc.Listen(context.Background(), network, address)
	if u, ok := ln.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false) // the Listener removes the file, if it is still its own
	}
	return ln, err
}

// ListenSocket opens a TCP socket of package net by the rules of Listen, for programs that serve it themselves. It
// returns what was opened, too.
func ListenSocket(address string) (net.Listener, Address, error) {
	addr, err := ParseAddress(address)
	if err != nil {
		return nil, addr, err
	}
	if addr.Network != TCP {
		return nil, addr, ErrNotSupported
	}
	ln, err := listenPlain(addr, 0)
	if err != nil {
		return nil, addr, opError("listen", err)
	}
	return ln, addr.opened(ln.Addr()), nil
}

// Addr returns the address of the socket, with the real port.
func (l *Listener) Addr() Address { return l.addr }

// Accept returns the next authenticated connection, or ErrClosed after Close.
func (l *Listener) Accept(ctx context.Context) (*Conn, error) {
	if !l.begin(l.offer, true) {
		return nil, errServed
	}
	select {
	case c := <-l.conns:
		return c, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-l.done:
		return nil, ErrClosed
	}
}

// offer hands a connection to whoever calls Accept.
func (l *Listener) offer(c *Conn) {
	select {
	case l.conns <- c:
	case <-l.done:
		_ = c.Close()
	}
}

// Serve calls handle for each authenticated connection, in the goroutine that ran its handshake, until
// Shutdown or Close, and returns ErrServerClosed then; at the end of ctx it closes the Listener and
// returns the cause. The Conn belongs to handle; where that panics, which is logged, it is closed.
//
// Serve does not wait for calls of handle. A program that ends when Serve does would cut them off, with
// replies on their way, so it calls Shutdown first, which waits.
//
// A Listener is used by Accept or by one call of Serve, not both.
func (l *Listener) Serve(ctx context.Context, handle func(*Conn)) error {
	if !l.begin(l.guarded(handle), false) {
		return errServed
	}
	select {
	case <-l.done:
		return ErrServerClosed
	case <-ctx.Done():
		_ = l.Close()
		return context.Cause(ctx)
	}
}

// guarded has a handler that panics end its own connection alone.
func (l *Listener) guarded(handle func(*Conn)) func(*Conn) {
	return func(c *Conn) {
		log := l.peers.Logger(peerlog.Host(c.RemoteAddr()))
		if guard.Run(log, "the handler of a connection", func() error { handle(c); return nil }) != nil {
			_ = c.Close()
		}
	}
}

var errServed = errors.New("connection: the listener is already served by Accept or Serve")

// Shutdown is Close that waits for the calls of Serve's handle as well. If ctx ends before, it returns
// the cause and leaves them running.
func (l *Listener) Shutdown(ctx context.Context) error {
	_ = l.Close() // fails only where it has been closed
	select {
	case <-l.handlers.ended():
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Close closes the socket, ends the handshakes that are going on and waits until they have ended.
// Connections that were accepted stay open. A second call returns ErrClosed.
func (l *Listener) Close() error {
	err := ErrClosed
	l.stop.Do(func() {
		close(l.done)
		l.clean() // first: see unlinker
		err = l.ln.Close()
		l.handshakes.close()
		l.start.Do(func() {}) // nothing starts any more
	})
	l.workers.Wait()
	l.peers.Close()
	return err
}

// begin starts the accept loop at the first call, and returns false if it serves somebody else:
// only calls of Accept share one.
func (l *Listener) begin(handle func(*Conn), shared bool) bool {
	first := false
	l.start.Do(func() {
		first, l.shared = true, shared
		l.workers.Add(1)
		go l.acceptLoop(handle)
	})
	return first || l.shared && shared || l.closed()
}

func (l *Listener) closed() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// The pauses after accept errors such as EMFILE.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = time.Second
)

func (l *Listener) acceptLoop(handle func(*Conn)) {
	defer l.workers.Done()
	pause := time.Duration(0)
	for {
		nc, err := l.ln.Accept()
		switch {
		case err == nil:
			pause = 0
			l.accepted(nc, handle)
			continue
		case errors.Is(err, net.ErrClosed):
			return
		case isReset(err):
			continue // the peer gave up while it queued
		}
		pause = min(max(2*pause, firstPause), lastPause)
		if l.handshakes.evictOldest() {
			pause = firstPause
		}
		l.peers.Logger("accept").Warn("accept failed", "error", withoutAddress(err), "pause", pause)
		select {
		case <-time.After(pause):
		case <-l.done:
			return
		}
	}
}

func (l *Listener) accepted(nc net.Conn, handle func(*Conn)) {
	if l.opts.TLS != nil {
		l.startHandshake(newTLSConn(nc, l.conn, l.opts.TLS, tls.Server), handle)
		return
	}
	c := newConn(nc, l.conn)
	if l.auth == nil {
		keepAlive(c, l.opts.KeepAlive)
		if l.shared {
			handle(c) // strangers wait in the system's queue until somebody wants them
		} else {
			l.handlers.add()
			go l.handOver(c, handle)
		}
		return
	}
	l.startHandshake(c, handle)
}

// startHandshake starts the handshakes of one peer.
func (l *Listener) startHandshake(c *Conn, handle func(*Conn)) {
	h, ok := l.handshakes.add(c)
	if !ok {
		_ = c.Close()
		return
	}
	l.workers.Add(1)
	go l.runHandshake(h, handle)
}

// runHandshake runs the handshakes of one peer and goes on as its handler.
func (l *Listener) runHandshake(h *handshake, handle func(*Conn)) {
	err := h.c.shakeHands()
	var told net.Conn // where the peer was told why it is refused, and may have to be let read it
	if errors.Is(err, ErrTLS) {
		told = h.c.s.socket().nc
	}
	if err == nil && l.auth != nil {
		err = l.auth.accepted(h.c)
	}
	if errors.Is(err, ErrAuth) {
		told = h.c.s.nc
	}
	if told != nil {
		l.refused(h.c, err) // first: who sees the end of the connection finds the reason in the log
		linger(h.c, told)
	}
	if cause := l.handshakes.finish(h); cause != nil {
		err = cause
	}
	if err != nil {
		if told == nil {
			l.refused(h.c, err)
		}
		_ = h.c.Close()
		l.workers.Done()
		return
	}
	l.handlers.add()
	l.workers.Done()
	keepAlive(h.c, l.opts.KeepAlive)
	l.handOver(h.c, handle)
}

// handOver calls handle, which was counted already.
func (l *Listener) handOver(c *Conn, handle func(*Conn)) {
	defer l.handlers.done()
	handle(c)
}

func (l *Listener) refused(c *Conn, err error) {
	if err == ErrClosed {
		return
	}
	log := l.peers.Logger(peerlog.Host(c.RemoteAddr()))
	log.Warn("peer refused", "peer", c.RemoteAddr().String(), "error", err)
	if l.opts.OnRefused != nil {
		_ = guard.Apart(log, "OnRefused", func() error {
			l.opts.OnRefused(c.RemoteAddr(), err)
			return nil
		})
	}
}

// accepted is the handshake of the side that listened: it proves the key that the peer proved.
func (a *authenticator) accepted(c *Conn) error {
	c.readAhead = max(c.readAhead, handshakeAhead)
	key, err := a.deliver(c, nil)
	if err != nil {
		return err
	}
	c.key = key
	// The answer's last message may be followed by anything at once, so it is read alone unless
	// the Conn reads ahead anyway.
	return a.answerLast(c, key)
}

// linger lets a refused peer read #FAILURE#, or the alert of TLS: closing with its bytes unread would
// reset the connection and lose what was sent.
func linger(c *Conn, nc net.Conn) {
	half, ok := nc.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	_ = c.SetReadDeadline(time.Now().Add(lingerTime))
	_, _ = io.CopyN(io.Discard, nc, lingerBytes)
}
