package connection

import "net"

// The doors that tests need to the inside.
var (
	AppendHeader = appendHeader
	ParseHeader  = parseHeader
)

// Respond answers a challenge, body of the frame included #CHALLENGE#.
func Respond(key, challenge []byte, p DigestPolicy) ([]byte, error) {
	a, err := newAuthenticator(key, p)
	if err != nil {
		return nil, err
	}
	return a.respond(make([]byte, 0, maxAuthMessage), challenge)
}

// Verify judges the answer to a challenge, which is given without #CHALLENGE#.
func Verify(key, challenge, answer []byte, p DigestPolicy) error {
	a, err := newAuthenticator(key, p)
	if err != nil {
		return err
	}
	return a.verify(make([]byte, 0, maxAuthMessage), challenge, answer)
}

// WrapListener puts something between a Listener, before its first use, and its socket.
func WrapListener(l *Listener, wrap func(net.Listener) net.Listener) { l.ln = wrap(l.ln) }

// Handshake plays one side of a whole handshake with challenges that are not random at all.
func Handshake(c *Conn, key []byte, listener bool, random func([]byte) (int, error)) error {
	a, err := newAuthenticator(key, DigestPolicy{})
	if err != nil {
		return err
	}
	a.random = random
	if listener {
		return a.accepted(c)
	}
	return a.dialled(c, nil)
}
