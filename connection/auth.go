package connection

import (
	"crypto/fips140"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// The words of the handshake.
const (
	tagChallenge = "#CHALLENGE#"
	tagWelcome   = "#WELCOME#"
	tagFailure   = "#FAILURE#"
)

const (
	nonceSize    = 40 // MESSAGE_LENGTH in connection.py
	legacyNonce  = 20 // a challenge of this length is answered with a bare HMAC-MD5
	legacyAnswer = 16 // its length
)

// authenticator plays both roles of the handshake with one set of keys and policy, on many Conns at
// once.
type authenticator struct {
	ring   *Keyring
	policy DigestPolicy
	random func([]byte) (int, error) // crypto/rand.Read, but for replays
}

func newAuthenticator(ring *Keyring, policy DigestPolicy) (*authenticator, error) {
	policy, err := policy.check()
	if err != nil {
		return nil, err
	}
	for _, k := range ring.keys() {
		if fips140.Enabled() && !usable(k.mac.key, policy.Offer) {
			return nil, errors.New("connection: the FIPS mode refuses this authkey or " +
				policy.Offer.String())
		}
	}
	return &authenticator{ring: ring, policy: policy, random: rand.Read}, nil
}

// only returns the key of an authenticator that has one.
func (a *authenticator) only() *heldKey { return a.ring.keys()[0] }

// DeliverChallenge makes the peer prove that it has the key, as deliver_challenge in connection.py.
// A listener delivers first and answers then, a dialer the other way round; Listen and Dial do
// that. The caller bounds the time by the Conn's deadline.
func DeliverChallenge(c *Conn, key []byte, policy DigestPolicy) error {
	a, err := newAuthenticator(ringOf(key), policy)
	if err != nil {
		return err
	}
	_, err = a.deliver(c, nil)
	return err
}

// AnswerChallenge proves to the peer that this side has the key, as answer_challenge in
// connection.py.
func AnswerChallenge(c *Conn, key []byte, policy DigestPolicy) error {
	a, err := newAuthenticator(ringOf(key), policy)
	if err != nil {
		return err
	}
	return a.answer(c, a.only())
}

// scratch is the memory of one challenge: what is sent and what comes back.
type scratch struct {
	out, in, mac [maxAuthMessage]byte
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// deliver sends a challenge, judges the answer and returns the key that the peer has. If there is
// one, the first message, if any, leaves together with #WELCOME#.
func (a *authenticator) deliver(c *Conn, first [][]byte) (*heldKey, error) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	challenge := a.appendChallenge(append(s.out[:0], tagChallenge...))
	if err := c.sendSecret(challenge); err != nil {
		return nil, stepError(stepDeliver, err)
	}
	answer, err := c.recvSecret(s.in[:])
	if err != nil {
		return nil, stepError(stepDeliver, err)
	}
	key, err := a.verify(s.mac[:0], challenge[len(tagChallenge):], answer)
	if err != nil {
		// The peer learns that it failed, not why; the refusal itself may fail.
		_ = c.sendSecret([]byte(tagFailure))
		return nil, err
	}
	if err := c.sendWelcome(first); err != nil {
		return nil, stepError(stepDeliver, err)
	}
	return key, nil
}

// answer waits for a challenge, answers it and waits for the peer's judgement.
func (a *authenticator) answer(c *Conn, key *heldKey) error {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	if err := a.prove(c, s, key); err != nil {
		return err
	}
	return c.verdict(s)
}

// answerLast is answer where it ends the handshake. What follows the verdict belongs to the Conn's
// own reads, so no more is read ahead than they may; and the peer may be about to write its first
// request, which CPython's sockets hold back until the verdict is acknowledged.
func (a *authenticator) answerLast(c *Conn, key *heldKey) error {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	if err := a.prove(c, s, key); err != nil {
		return err
	}
	c.readAhead = c.opts.ReadBuffer
	err := c.verdictAlone(s)
	c.s.ackDue = true
	return err
}

// verdictAlone is verdict in one read, but not beyond it: right or wrong, a verdict has one length.
func (c *Conn) verdictAlone(s *scratch) error {
	if c.readAhead == 0 && c.in.len() == 0 {
		if err := c.fill(shortHeader + len(tagWelcome)); err != nil {
			return stepError(stepAnswer, err)
		}
	}
	return c.verdict(s)
}

// prove answers the peer's challenge.
func (a *authenticator) prove(c *Conn, s *scratch, key *heldKey) error {
	msg, err := c.recvSecret(s.in[:])
	if err != nil {
		return stepError(stepAnswer, err)
	}
	response, err := a.respond(s.out[:0], msg, key)
	if err != nil {
		return err
	}
	if err := c.sendSecret(response); err != nil {
		return stepError(stepAnswer, err)
	}
	return nil
}

// verdict waits for the peer's judgement.
func (c *Conn) verdict(s *scratch) error {
	verdict, err := c.recvSecret(s.in[:])
	if err != nil {
		return stepError(stepAnswer, err)
	}
	switch string(verdict) {
	case tagWelcome:
		return nil
	case tagFailure:
		return &AuthError{Step: stepAnswer, Reason: "digest sent was rejected"}
	}
	return &AuthError{Step: stepAnswer, Reason: "peer sent neither welcome nor failure"}
}

// appendChallenge appends what the MAC will cover: {digest} and random bytes.
func (a *authenticator) appendChallenge(b []byte) []byte {
	n := nonceSize
	if a.policy.Offer == InsecureMD5 {
		n = legacyNonce
	} else {
		b = appendDigest(b, a.policy.Offer)
	}
	b = b[:len(b)+n]
	_, _ = a.random(b[len(b)-n:]) // never fails: it ends the process instead
	return b
}

// respond appends the answer to the challenge msg, by the rules of _create_response.
func (a *authenticator) respond(b, msg []byte, key *heldKey) ([]byte, error) {
	if len(msg) < len(tagChallenge) || string(msg[:len(tagChallenge)]) != tagChallenge {
		return nil, &AuthError{Step: stepAnswer, Reason: "peer did not send a challenge"}
	}
	msg = msg[len(tagChallenge):]
	if len(msg) < legacyNonce {
		return nil, &AuthError{Step: stepAnswer, Reason: "challenge is too short"}
	}
	d, bare := challengeDigest(msg)
	if d == 0 || !slices.Contains(a.policy.Answer, d) {
		return nil, a.unmatched(stepAnswer, d, bare)
	}
	if !bare {
		b = appendDigest(b, d)
	}
	b, ok := key.mac.append(b, d, msg)
	if !ok {
		return nil, a.unmatched(stepAnswer, d, bare)
	}
	return b, nil
}

// verify judges the answer to our challenge msg, by the rules of _verify_challenge, and returns the
// key that it was made with. MACs are computed behind b.
func (a *authenticator) verify(b, msg, answer []byte) (*heldKey, error) {
	d, mac := splitDigest(answer)
	bare := len(answer) == legacyAnswer
	if bare {
		d, mac = InsecureMD5, answer
	}
	if d == 0 || !slices.Contains(a.policy.Accept, d) {
		return nil, a.unmatched(stepDeliver, d, bare)
	}
	key, ok := a.ring.prover(b, d, msg, mac)
	if !ok {
		return nil, a.unmatched(stepDeliver, d, bare)
	}
	if key == nil {
		return nil, &AuthError{Step: stepDeliver, Reason: "digest received was wrong"}
	}
	return key, nil
}

// challengeDigest returns the digest that a challenge asks for; bare means without {digest}. The
// length decides first, even if the bytes look like a prefix.
func challengeDigest(msg []byte) (d Digest, bare bool) {
	if len(msg) == legacyNonce {
		return InsecureMD5, true
	}
	d, _ = splitDigest(msg)
	return d, false
}

// unmatched lists both sides' digests.
func (a *authenticator) unmatched(step string, d Digest, bare bool) error {
	e := &AuthError{Step: step, Reason: "no common digest", Ours: a.policy.offers()}
	if step == stepAnswer {
		e.Ours = "answered " + digestList(a.policy.Answer)
	}
	switch {
	case d == 0:
		e.Theirs = "none that is known"
	case bare:
		e.Theirs = d.String() + " without a prefix"
	default:
		e.Theirs = d.String()
	}
	return e
}

// stepError is for a handshake that ended by something else than its rules.
func stepError(step string, err error) error {
	return fmt.Errorf("connection: %s: %w", step, err)
}

// sendSecret sends a handshake message, hidden from traces.
func (c *Conn) sendSecret(p []byte) error {
	c.sendMu.lock(nil)
	defer c.sendMu.unlock()
	c.traceSecret(">", p)
	return c.sendUntraced(nil, p, nil)
}

// sendWelcome sends #WELCOME# and, in the same write, the first message.
func (c *Conn) sendWelcome(first [][]byte) error {
	if first == nil {
		return c.sendSecret([]byte(tagWelcome))
	}
	c.sendMu.lock(nil)
	defer c.sendMu.unlock()
	c.traceSecret(">", []byte(tagWelcome))
	var lead [shortHeader + len(tagWelcome)]byte
	return c.sendAfter(append(AppendHeader(lead[:0], uint64(len(tagWelcome))), tagWelcome...), first)
}

// recvSecret receives a handshake message to buf.
func (c *Conn) recvSecret(buf []byte) ([]byte, error) {
	c.recvMu.lock(nil)
	defer c.recvMu.unlock()
	p, err := c.recvUntraced(buf, maxAuthMessage, limitAuth)
	if err == nil {
		c.traceSecret("<", p)
	}
	return p, err
}
