// Package tunnel carries the connections of multiprocessing programs from one place to another, as
// bytes: to where TLS is spoken for a Python that cannot, or on from there to a server in plain.
//
// New makes a Tunnel of a listener and of what dials the far end:
//
//	clients, err := connection.Listen(here, nil)
//	t, err := tunnel.New(clients, func(ctx context.Context) (*connection.Conn, error) {
//		return connection.Dial(ctx, there, &connection.DialOptions{TLS: config})
//	}, nil)
//	go t.Serve(ctx)
//	cut, err := t.Shutdown(grace) // when connections have ended, or grace has
//
// Two of them bring a Python to a server of another machine:
//
//	python ── unix or TCP ──> tunnel ══ TLS ══> tunnel ── TCP ──> server
//
// It knows no key and reads no frame. Who may connect is for the two ends, the listener and the dial
// function, to say; see connection.ListenOptions.TLS and connection.DialOptions.TLS.
//
// # What an end passes on
//
// A server that gives items to workers has to know whether a worker took what it was sent: see the
// delivery rules of package managers. A tunnel takes bytes in the worker's place, so it answers for
// them. What happens at one end happens at the other:
//
//	here                                                  there
//	the end of the stream, all that was sent was taken    the end of the stream
//	a reset, or bytes that were sent and not taken        a reset
//	closed with bytes on their way to it                  a reset, or closed with bytes unread,
//	                                                      which is the same
//
// So a worker that is killed behind any number of tunnels loses no item that it would not have lost
// without them, but for two cases: the tunnel itself is killed between reading a reply and passing
// it on, or the server is reached by a unix socket, where there is no reset to send.
//
// On TCP the end of a client's stream does not say whether the client still listens. Programs that
// use multiprocessing never close half a connection, so it is the end of both directions; what
// arrives for the client after that has to be refused in time for the server to notice. The end of a
// server's stream is passed on behind all that it said, and gives the client a few seconds to close
// its own. With Options.HalfClose either ends one direction alone, which is right for other protocols.
//
// # Stalls
//
// CPython's sockets wait for acknowledgements, see package connection. Both ends of a tunnel give them
// at once, so an unchanged Python program is not slowed down.
//
// # Who owns what
//
//	goroutine                 owns                          ends when
//	Tunnel.Serve              the listener's end            Shutdown, Close, its context
//	one per connection        both connections              either is over, Shutdown
//	one more                  nothing; it copies from the   the first says so
//	                          target to the client
package tunnel
