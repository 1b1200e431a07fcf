package server

import (
	"context"
	"crypto/tls"
	"log/slog"
	"sync"
	"time"

	"mpbridge/connection"
	"mpbridge/managers/internal/wire"
)

// Listen opens an address, "host:port" or the path of a unix socket (see connection.Listen), and returns it with the port
// that the system chose where it was 0. A server may listen on several.
func (s *Server) Listen(address string) (connection.Address, error) {
	return s.ListenTLS(address, nil)
}

// ListenTLS is Listen for a TCP address on which clients have to speak TLS, as Client does with
// client.Options.TLS and stock Python behind a tunnel. The authkey is asked for as well.
func (s *Server) ListenTLS(address string, cfg *tls.Config) (connection.Address, error) {
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
	l, err := connection.Listen(address, o)
	if err != nil {
		return connection.Address{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		_ = l.Close()
		return connection.Address{}, ErrServerClosed
	}
	s.listeners = append(s.listeners, l)
	return l.Addr(), nil
}

// Serve answers clients until Shutdown or Close, or until a client asks the server to stop, and returns
// ErrServerClosed then; at the end of ctx it stops accepting and returns the cause.
//
// It does not wait for connections that are still open. A program that ends when Serve does would cut
// off replies on their way, so it calls Shutdown first, which waits.
func (s *Server) Serve(ctx context.Context) error {
	s.registry.freeze()
	if s.opts.Journals != nil {
		s.opts.Journals.Use()
	}
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
		loops.Go(func() { _ = l.Serve(context.Background(), s.accept) })
	}
	select {
	case <-ctx.Done():
	case <-s.stop:
	}
	s.closeListeners()
	loops.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return ErrServerClosed
}

// accept serves one authenticated connection in the goroutine of its handshake.
func (s *Server) accept(conn *connection.Conn) {
	sess := &session{
		server: s, conn: conn, id: s.sessionIDs.Add(1), since: time.Now(), rights: s.rightsOf(conn),
		spinner: spinner{rest: firstRest}, outcome: requestOutcome{more: true},
	}
	if s.opts.Observer != nil {
		sess.observation = &observation{}
	}
	if !s.admit(sess) {
		return
	}
	sess.observeConnection(Connected, nil)
	if s.log.Enabled(s.lifetime, slog.LevelDebug) {
		sess.log().Debug("client accepted")
	}
	sess.serve()
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
