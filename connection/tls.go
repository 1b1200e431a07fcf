package connection

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"
)

// ErrTLS is matched by what a TLS handshake fails with, and by the alert with which a peer refuses
// this side's certificate. In TLS 1.3 a dialler may get that alert only when it receives. What
// crypto/tls said is found by errors.As.
var ErrTLS = errors.New("connection: TLS")

var (
	errTLSNetwork = errors.New("connection: TLS works on TCP addresses only")
	errTLSNoCert  = errors.New("connection: the TLS configuration of a listener has no certificate")
)

// closePatience bounds how long Close may take to tell a TLS peer that this is the end.
const closePatience = 100 * time.Millisecond

// tlsSocket is the socket under a TLS connection. crypto/tls cannot go on after a write that a
// deadline ended, so the question whether the peer still takes bytes is decided here, below it.
type tlsSocket struct {
	net.Conn
	s     stream
	stall time.Duration
}

func (t *tlsSocket) Read(p []byte) (int, error)  { return t.s.read(p) }
func (t *tlsSocket) Write(p []byte) (int, error) { return t.s.write(p, nil, t.stall) }

func (t *tlsSocket) SetReadDeadline(at time.Time) error  { return t.s.setRead(fromUser, at) }
func (t *tlsSocket) SetWriteDeadline(at time.Time) error { return t.s.setWrite(fromUser, at) }

func (t *tlsSocket) SetDeadline(at time.Time) error {
	return errors.Join(t.SetReadDeadline(at), t.SetWriteDeadline(at))
}

// initTLS finds the socket below a TLS connection of this package.
func (s *stream) initTLS() {
	nc, ok := s.nc.(*tls.Conn)
	if !ok {
		return
	}
	if t, ours := nc.NetConn().(*tlsSocket); ours {
		s.tls, s.under = nc, &t.s
	}
}

// writeTLS writes all of one, or of vec, in records as full as they get.
func (s *stream) writeTLS(one []byte, vec [][]byte) (n int, err error) {
	if vec == nil {
		return s.tls.Write(one)
	}
	own := getBuffer(bufferSizes[len(bufferSizes)-1])
	defer putBuffer(own)
	for len(vec) > 0 && err == nil {
		b := (*own)[:0]
		for len(vec) > 0 && len(b) < cap(b) {
			k := min(len(vec[0]), cap(b)-len(b))
			b = append(b, vec[0][:k]...)
			if vec[0] = vec[0][k:]; len(vec[0]) == 0 {
				vec = vec[1:]
			}
		}
		var m int
		m, err = s.tls.Write(b)
		n += m
	}
	return n, err
}

// newTLSConn makes a Conn of a TCP socket and one of crypto/tls's two sides.
func newTLSConn(nc net.Conn, opts *Options, cfg *tls.Config,
	side func(net.Conn, *tls.Config) *tls.Conn) *Conn {
	under := &tlsSocket{Conn: nc, stall: opts.WriteStall}
	under.s.init(nc)
	return newConn(side(under, cfg), opts)
}

// shakeHands runs the TLS handshake, which the caller bounds by deadlines or Close.
func (c *Conn) shakeHands() error {
	if c.s.tls == nil {
		return nil
	}
	if err := c.s.tls.HandshakeContext(context.Background()); err != nil {
		if c.closed.Load() {
			return ErrClosed
		}
		return tlsError(err)
	}
	return nil
}

func tlsError(err error) error { return fmt.Errorf("%w: %w", ErrTLS, withoutAddress(err)) }

// isAlert reports whether crypto/tls, not the network, ended a connection.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error")
}

// listenerTLS returns what a listener does with the caller's configuration. Nothing is resumed, for
// connections live long; and a peer that closes without having read a ticket would reset the
// connection, which loses what it sent.
func listenerTLS(cfg *tls.Config, addr Address) (*tls.Config, error) {
	switch {
	case cfg == nil:
		return nil, nil
	case addr.Network != TCP:
		return nil, errTLSNetwork
	case len(cfg.Certificates) == 0 && cfg.GetCertificate == nil && cfg.GetConfigForClient == nil:
		return nil, errTLSNoCert
	}
	return withoutTickets(cfg), nil
}

func withoutTickets(cfg *tls.Config) *tls.Config {
	cfg = cfg.Clone()
	cfg.SessionTicketsDisabled, cfg.DynamicRecordSizingDisabled = true, true
	if choose := cfg.GetConfigForClient; choose != nil {
		cfg.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			chosen, err := choose(hello)
			if chosen == nil || err != nil {
				return nil, err
			}
			return withoutTickets(chosen), nil
		}
	}
	return cfg
}

// dialerTLS returns what a dialler does with the caller's configuration: the certificate has to be
// that of the host, unless another name is given.
func dialerTLS(cfg *tls.Config, addr Address) (*tls.Config, error) {
	switch {
	case cfg == nil:
		return nil, nil
	case addr.Network != TCP:
		return nil, errTLSNetwork
	}
	cfg = cfg.Clone()
	if cfg.ServerName == "" {
		cfg.ServerName = addr.Name
	}
	cfg.DynamicRecordSizingDisabled = true
	return cfg, nil
}

// ConnectionState returns what TLS knows about the peer, its certificates above all; false means
// that the Conn does not use TLS.
func (c *Conn) ConnectionState() (tls.ConnectionState, bool) {
	if c.s.tls == nil {
		return tls.ConnectionState{}, false
	}
	return c.s.tls.ConnectionState(), true
}
