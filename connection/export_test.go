package connection

import (
	"crypto/hmac"
	"crypto/sha256"
	"net"
	"strings"
	"testing"
)

// Respond answers a challenge, body of the frame included #CHALLENGE#.
func Respond(key, challenge []byte, p DigestPolicy) ([]byte, error) {
	a, err := newAuthenticator(ringOf(key), p)
	if err != nil {
		return nil, err
	}
	return a.respond(make([]byte, 0, maxAuthMessage), challenge, a.only())
}

// Verify judges the answer to a challenge, which is given without #CHALLENGE#.
func Verify(key, challenge, answer []byte, p DigestPolicy) error {
	a, err := newAuthenticator(ringOf(key), p)
	if err != nil {
		return err
	}
	_, err = a.verify(make([]byte, 0, maxAuthMessage), challenge, answer)
	return err
}

// WrapListener puts something between a Listener, before its first use, and its socket.
func WrapListener(l *Listener, wrap func(net.Listener) net.Listener) { l.ln = wrap(l.ln) }

// Handshake plays one side of a whole handshake with challenges that are not random at all.
func Handshake(c *Conn, key []byte, listener bool, random func([]byte) (int, error)) error {
	a, err := newAuthenticator(ringOf(key), DigestPolicy{})
	if err != nil {
		return err
	}
	a.random = random
	if listener {
		return a.accepted(c)
	}
	return a.dialled(c, nil)
}

// KeysCompared returns how many keys make a MAC while an answer by secret is judged.
func KeysCompared(t testing.TB, keys []Key, secret []byte) (n int) {
	t.Helper()
	ring, err := NewKeyring(keys)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range ring.keys() {
		k.mac.ready[SHA256].New = func() any {
			n++
			return hmac.New(sha256.New, k.mac.key)
		}
	}
	challenge := []byte("{sha256}" + strings.Repeat("x", nonceSize))
	a, err := newAuthenticator(ringOf(secret), DigestPolicy{})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := a.respond(make([]byte, 0, maxAuthMessage),
		append([]byte(tagChallenge), challenge...), a.only())
	if err != nil {
		t.Fatal(err)
	}
	d, mac := splitDigest(answer)
	_, _ = ring.prover(make([]byte, 0, maxAuthMessage), d, challenge, mac)
	return n
}

// Pending tells whether the socket of c has bytes to read.
func Pending(c *Conn) bool {
	_, err := c.s.socket().waitReady(true)
	return err == nil
}
