package connection

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"time"

	"mpbridge/internal/option"
)

// DialOptions of Dial; nil means all defaults.
type DialOptions struct {
	Options // of the Conn

	// Authkey is the shared secret; nil means that there is no handshake. An empty key that is
	// not nil is a key, as in CPython's Client.
	Authkey []byte

	// Digests says which digests the handshake may use.
	Digests DigestPolicy

	// HandshakeTimeout bounds the handshake; 0 means DefaultHandshakeTimeout.
	HandshakeTimeout time.Duration

	// TLS, if not nil, has the connection begin with a TLS handshake, on TCP only; the authkey's follows
	// inside. The listener's certificate has to be one for the host of the address, unless
	// TLS.ServerName says otherwise.
	TLS *tls.Config

	// Dialer connects the socket; nil means one with defaults, without keep-alive of its own.
	Dialer *net.Dialer

	// KeepAlive is as in ListenOptions; it does not apply to a Dialer that was given.
	KeepAlive time.Duration

	// RetryFor is for how long a refused connection is tried again: the listener may be about to
	// start. 0 means that the first refusal counts.
	RetryFor time.Duration

	// CheckPeer, if not nil, looks at who was connected to, by Conn.PeerCredentials say, before anything is sent or
	// any challenge answered; its error ends Dial. It must not read or write. A handshake proves the key to whoever
	// passes it on: where an address came from somebody who need not be trusted, that is to be found out first.
	CheckPeer func(*Conn) error

	// FirstMessage, if not nil, is sent in the same write as the end of the handshake.
	FirstMessage [][]byte
}

// check returns o with defaults in place of zeros, or an *OptionError.
func (o *DialOptions) check() (DialOptions, error) {
	var c DialOptions
	if o != nil {
		c = *o
	}
	c.HandshakeTimeout = cmp.Or(c.HandshakeTimeout, DefaultHandshakeTimeout)
	conn, err := c.Options.check()
	if err != nil {
		return c, err
	}
	c.Options = *conn
	return c, option.Check("connection",
		option.Time("HandshakeTimeout", c.HandshakeTimeout, 1),
		option.Time("KeepAlive", c.KeepAlive, -option.MaxTime),
		option.Time("RetryFor", c.RetryFor, 0))
}

// Dial connects to a listener and, if there is a key, authenticates both sides to each other. address is
// "host:port" or the path of a unix socket, as ParseAddress reads it. ctx
// bounds connecting and the handshake, not the life of the Conn. Where a unix socket's queue is full,
// which is so with one waiting peer for many Pythons, Dial waits for up to HandshakeTimeout.
func Dial(ctx context.Context, address string, opts *DialOptions) (*Conn, error) {
	o, err := opts.check()
	if err != nil {
		return nil, err
	}
	addr, err := ParseAddress(address)
	if err != nil {
		return nil, err
	}
	var auth *authenticator
	if o.Authkey != nil {
		if auth, err = newAuthenticator(ringOf(o.Authkey), o.Digests); err != nil {
			return nil, err
		}
	}
	cfg, err := dialerTLS(o.TLS, addr)
	if err != nil {
		return nil, err
	}
	nc, err := o.connect(ctx, addr)
	if err != nil {
		return nil, err
	}
	c := o.conn(nc, cfg)
	if o.CheckPeer != nil {
		err = o.CheckPeer(c)
	}
	if err == nil {
		err = o.begin(ctx, c, auth)
	}
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	if o.Dialer == nil {
		keepAlive(c, o.KeepAlive)
	}
	return c, nil
}

func (o *DialOptions) conn(nc net.Conn, cfg *tls.Config) *Conn {
	opts := o.Options // apart, so that the Conn does not keep the key alive
	if cfg == nil {
		return newConn(nc, &opts)
	}
	return newTLSConn(nc, &opts, cfg, tls.Client)
}

// The pauses between attempts under RetryFor.
const (
	firstRetry = 5 * time.Millisecond
	lastRetry  = 200 * time.Millisecond
)

func (o *DialOptions) connect(ctx context.Context, addr Address) (net.Conn, error) {
	d := o.Dialer
	if d == nil {
		d = &net.Dialer{KeepAlive: -1} // set after the handshake
	}
	network, address := addr.dialled()
	end := time.Now().Add(o.RetryFor)
	busyEnd := time.Now().Add(o.HandshakeTimeout)
	for pause := firstRetry; ; pause = min(2*pause, lastRetry) {
		nc, err := d.DialContext(ctx, network, address)
		if err == nil {
			return nc, nil
		}
		if ctx.Err() != nil {
			return nil, opError("dial", context.Cause(ctx))
		}
		next := time.Now().Add(pause)
		if !(isRefused(err) && next.Before(end) || isBusy(err) && next.Before(busyEnd)) {
			if isRefused(err) {
				return nil, &absentError{opError("dial", err)}
			}
			return nil, opError("dial", err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, opError("dial", context.Cause(ctx))
		}
	}
}

// begin runs the handshakes, or sends the first message without one.
func (o *DialOptions) begin(ctx context.Context, c *Conn, auth *authenticator) error {
	if auth == nil && o.FirstMessage == nil && o.TLS == nil {
		return nil
	}
	if err := c.SetDeadline(time.Now().Add(o.HandshakeTimeout)); err != nil {
		return err
	}
	err := c.withContext(ctx, bothWays, func() error {
		if err := c.shakeHands(); err != nil {
			return err
		}
		switch {
		case auth != nil:
			return auth.dialled(c, o.FirstMessage)
		case o.FirstMessage != nil:
			return c.SendBuffers(context.Background(), o.FirstMessage)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.SetDeadline(time.Time{})
}

func bothWays(s *stream, sl deadlineSource, t time.Time) error {
	return errors.Join(s.setRead(sl, t), s.setWrite(sl, t))
}

// handshakeAhead is how far reads go ahead during a handshake. A peer says nothing more before it
// got an answer, so this costs no fd that may follow.
const handshakeAhead = 512

// dialled is the handshake of the side that connected.
func (a *authenticator) dialled(c *Conn, first [][]byte) error {
	c.readAhead = max(c.readAhead, handshakeAhead)
	err := a.answer(c, a.only())
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &AuthError{Step: stepAnswer, Err: os.ErrDeadlineExceeded,
			Reason: "no word from the peer, which may have no authkey"}
	}
	if err == nil {
		_, err = a.deliver(c, first)
	}
	c.readAhead = c.opts.ReadBuffer
	return err
}

// DefaultKeepAlive is after how much silence a TCP peer is asked for signs of life.
const DefaultKeepAlive = 30 * time.Second

// keepAlive applies an option of Dial or Listen. A failure only means that a peer whose machine
// vanished is noticed later.
func keepAlive(c *Conn, d time.Duration) {
	if d < 0 {
		return
	}
	if d == 0 {
		d = DefaultKeepAlive
	}
	_ = c.Transport().SetKeepAlive(d)
}
