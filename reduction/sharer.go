package reduction

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"mpbridge/connection"
	"mpbridge/internal/option"
	"mpbridge/internal/peerlog"
)

// The defaults of SharerOptions.
const (
	// DefaultExpire is how long a descriptor waits to be collected.
	DefaultExpire = 10 * time.Minute
	// DefaultMaxShared is how many descriptors wait to be collected.
	DefaultMaxShared = 1024
	// DefaultTimeout bounds one redemption, on either side.
	DefaultTimeout = 10 * time.Second
)

// SharerOptions of NewSharer.
type SharerOptions struct {
	// Authkey is the key of those who redeem: the authkey of their process
	// (multiprocessing.current_process().authkey). It must not be empty.
	Authkey []byte

	// Family says who will read the pickles.
	Family Family

	// Address is the unix socket to listen on; the zero Address has the Sharer make one, in a
	// folder that only this user can enter.
	Address connection.Address

	// Expire is how long each descriptor is on offer; 0 means DefaultExpire, less than 0 for ever.
	Expire time.Duration

	// MaxShared is how many descriptors may be on offer at once; 0 means DefaultMaxShared.
	MaxShared int

	// Timeout bounds one redemption; 0 means DefaultTimeout.
	Timeout time.Duration

	// Logger is told about redemptions that fail (Warn) and offers that expire (Info); nil means
	// nobody.
	Logger *slog.Logger
}

// Sharer offers descriptors to other processes: what it returns for each is pickled in place of a
// socket, file or Connection, and whoever unpickles it gets the real one, once. It is the resource
// sharer of Lib/multiprocessing/resource_sharer.py, and the server of handles in Python 2's
// reduction.py. Its methods may be called from any goroutine.
type Sharer struct {
	o      SharerOptions
	ln     *connection.Listener
	at     connection.Address
	folder string // made for the socket; empty if the address was given

	peers *peerlog.Limiter // of the log

	ctx  context.Context // of redemptions
	stop context.CancelFunc
	wg   sync.WaitGroup // Serve and redemptions

	mu     sync.Mutex // all below; never held while reading, writing or calling out
	shared map[int64]*Shared
	key    int64
	closed bool
}

// NewSharer begins to listen. The caller must Close it.
func NewSharer(o *SharerOptions) (*Sharer, error) {
	if o == nil || len(o.Authkey) == 0 {
		return nil, errors.New("reduction: a sharer needs an authkey")
	}
	s := &Sharer{o: *o, shared: map[int64]*Shared{}, at: o.Address}
	if err := s.o.check(); err != nil {
		return nil, err
	}
	s.peers = peerlog.New(s.o.Logger, peerlog.Usual)
	if err := s.listen(); err != nil {
		return nil, err
	}
	// A key of an earlier Sharer at the same address finds nothing.
	s.key = rand.Int64N(1 << 40)
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.wg.Go(func() { _ = s.ln.Serve(context.Background(), s.serve) }) // until Close
	return s, nil
}

// check puts defaults in place of zeros, or returns a *connection.OptionError.
func (o *SharerOptions) check() error {
	o.Expire = cmp.Or(o.Expire, DefaultExpire)
	o.MaxShared = cmp.Or(o.MaxShared, DefaultMaxShared)
	o.Timeout = cmp.Or(o.Timeout, DefaultTimeout)
	return option.Check("reduction",
		option.Int("Family", int(o.Family), int64(Python3), int64(Python2)),
		option.Time("Expire", o.Expire, -option.MaxTime),
		option.Int("MaxShared", o.MaxShared, 1, math.MaxInt32),
		option.Time("Timeout", o.Timeout, 1))
}

func (s *Sharer) listen() error {
	if !canPass {
		return ErrUnsupported
	}
	if s.at == (connection.Address{}) {
		folder, err := os.MkdirTemp("", "mpfd")
		if err != nil {
			return err
		}
		s.folder = folder
		s.at = connection.Address{Network: connection.Unix, Name: filepath.Join(folder, "sock")}
	}
	if s.at.Network != connection.Unix {
		return errors.New("reduction: descriptors travel over unix sockets only")
	}
	ln, err := connection.Listen(s.at.String(), &connection.ListenOptions{
		Options:          connection.Options{MaxMessage: maxRequest},
		Authkey:          s.o.Authkey,
		HandshakeTimeout: s.o.Timeout,
		Logger:           s.o.Logger,
	})
	if err != nil {
		s.removeFolder()
		return err
	}
	s.ln = ln
	return nil
}

func (s *Sharer) removeFolder() {
	if s.folder != "" {
		_ = os.RemoveAll(s.folder)
	}
}

// Addr returns the address that redeemers dial.
func (s *Sharer) Addr() connection.Address { return s.at }

// Len returns how many descriptors are on offer.
func (s *Sharer) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.shared)
}

// Close ends all offers and redemptions, and waits until everything is closed.
func (s *Sharer) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return ErrClosed
	}
	s.closed = true
	left := s.shared
	s.shared = nil
	s.mu.Unlock()
	s.stop()
	for _, h := range left {
		h.end(ErrClosed)
	}
	err := s.ln.Close()
	s.wg.Wait()
	s.peers.Close()
	s.removeFolder()
	return err
}

// File offers the open file of h. Python 3 unpickles a DupFd, whose detach() gives the descriptor;
// Python 2 what reduce_handle returns, and multiprocessing.reduction.rebuild_handle gives the
// descriptor. Rebuild gives an *os.File.
//
// h stays open and belongs to the caller, as with the other methods, but becomes blocking unless this
// fails.
func (s *Sharer) File(h syscall.Conn) (*Shared, error) {
	return s.offer(h, func(_ int, fd any) (any, error) { return fd, nil })
}

// Socket offers a socket: a connection or listener of package net. Python unpickles a
// socket.socket; Rebuild gives a net.Conn or net.Listener.
//
// The file of a *net.UnixListener is no longer removed when the listener is closed here, for it
// goes on listening elsewhere.
func (s *Sharer) Socket(h syscall.Conn) (*Shared, error) {
	shared, err := s.offer(h, func(fd int, form any) (any, error) {
		info, err := socketOf(fd)
		return s.o.Family.socketForm(form, info), err
	})
	if u, ok := h.(*net.UnixListener); ok && err == nil {
		u.SetUnlinkOnClose(false)
	}
	return shared, err
}

// Connection offers a Conn over a unix socket, a TCP connection or a pipe. Python unpickles a
// Connection; Rebuild gives a *connection.Conn. A Conn that has read ahead is refused with
// connection.ErrReadAhead, for those bytes would be lost.
func (s *Sharer) Connection(c *connection.Conn) (*Shared, error) {
	return s.offer(c, func(fd int, form any) (any, error) {
		readable, writable, err := accessOf(fd)
		return s.o.Family.connectionForm(form, readable, writable), err
	})
}

// offer registers a descriptor of h under the next key; formOf makes the pickled form around that
// of the bare descriptor.
func (s *Sharer) offer(
	h syscall.Conn, formOf func(fd int, form any) (any, error),
) (*Shared, error) {
	fd, err := duplicateWhole(h)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		err = ErrClosed
	case len(s.shared) >= s.o.MaxShared:
		err = ErrTooMany
	}
	var form any
	if err == nil {
		form, err = formOf(fd, s.o.Family.fdForm(s.at, s.key))
	}
	if err == nil {
		err = block(fd)
	}
	if err != nil {
		closeFd(fd)
		return nil, err
	}
	shared := &Shared{sharer: s, key: s.key, fd: fd, form: form, done: make(chan struct{})}
	s.shared[s.key] = shared
	s.key++
	if s.o.Expire > 0 {
		shared.timer = time.AfterFunc(s.o.Expire, shared.expire)
	}
	return shared, nil
}

// take ends the offer of a key and returns it, nil if there is none. Who takes a Shared ends it.
func (s *Sharer) take(key int64) *Shared {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.shared[key]
	delete(s.shared, key)
	return h
}
