package connection

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"errors"
	"hash"
	"slices"
	"strings"
	"sync"
)

// Digest is a hash function for the HMACs of a handshake.
type Digest uint8

// The digests that CPython knows (_ALLOWED_DIGESTS in connection.py).
const (
	SHA256 Digest = iota + 1
	SHA384
	SHA3_256
	SHA3_384

	// InsecureMD5 is the only digest of peers that send challenges of 20 bytes. HMAC-MD5 is not
	// broken as such, but nothing new should be built on it.
	InsecureMD5
)

// digests is the table of all: name in the braces of a message, and length of the MAC.
var digests = [...]struct {
	name string
	size int
	hash func() hash.Hash
}{
	SHA256:      {"sha256", 32, sha256.New},
	SHA384:      {"sha384", 48, sha512.New384},
	SHA3_256:    {"sha3_256", 32, func() hash.Hash { return sha3.New256() }},
	SHA3_384:    {"sha3_384", 48, func() hash.Hash { return sha3.New384() }},
	InsecureMD5: {"md5", 16, md5.New},
}

// String returns the name used on the wire, as in "sha256".
func (d Digest) String() string {
	if !d.known() {
		return "unknown"
	}
	return digests[d].name
}

func (d Digest) known() bool { return d > 0 && int(d) < len(digests) }

// splitDigest returns the digest of a message that begins with {name}, and what follows. 0 means
// that it begins otherwise.
func splitDigest(m []byte) (Digest, []byte) {
	if len(m) == 0 || m[0] != '{' {
		return 0, m
	}
	for d := SHA256; d.known(); d++ {
		name := digests[d].name
		if n := len(name); len(m) >= n+2 && string(m[1:n+1]) == name && m[n+1] == '}' {
			return d, m[n+2:]
		}
	}
	return 0, m
}

// appendDigest appends {name} to b.
func appendDigest(b []byte, d Digest) []byte {
	b = append(b, '{')
	b = append(b, digests[d].name...)
	return append(b, '}')
}

// DigestPolicy says which digests a side uses. The zero value is the default: it interoperates
// with every CPython, because older ones know nothing but MD5.
type DigestPolicy struct {
	// Offer is the digest named in this side's challenge; 0 means SHA256. A peer may answer with
	// another one that Accept allows. With InsecureMD5 the challenge is the bare one of 20 bytes.
	Offer Digest

	// Accept lists the digests accepted in the peer's answer to our challenge; nil means all.
	// InsecureMD5 stands for the bare answer of 16 bytes as well.
	Accept []Digest

	// Answer lists the digests with which we answer the peer's challenge; nil means all.
	// InsecureMD5 stands for the bare challenge of 20 bytes as well.
	Answer []Digest
}

var allDigests = []Digest{SHA256, SHA384, SHA3_256, SHA3_384, InsecureMD5}

// StrictDigests returns the policy that refuses MD5 in either role; peers that know nothing else
// cannot connect.
func StrictDigests() DigestPolicy {
	strong := []Digest{SHA256, SHA384, SHA3_256, SHA3_384}
	return DigestPolicy{Offer: SHA256, Accept: strong, Answer: strong}
}

// check fills in defaults and refuses what cannot work.
func (p DigestPolicy) check() (DigestPolicy, error) {
	if p.Offer == 0 {
		p.Offer = SHA256
	}
	if p.Accept == nil {
		p.Accept = allDigests
	}
	if p.Answer == nil {
		p.Answer = allDigests
	}
	if !p.Offer.known() || !slices.Contains(p.Accept, p.Offer) {
		return p, errors.New("connection: the digest policy offers " + p.Offer.String() +
			" and does not accept it")
	}
	return p, nil
}

// offers is the text for errors that list both sides' digests.
func (p *DigestPolicy) offers() string {
	return "offered " + p.Offer.String() + ", accepted " + digestList(p.Accept)
}

func digestList(ds []Digest) string {
	names := make([]string, len(ds))
	for i, d := range ds {
		names[i] = d.String()
	}
	return strings.Join(names, " ")
}

// macer computes HMACs with one key. Hashes are kept for reuse: keying one costs as much as
// using it. It may be used by many handshakes at once.
type macer struct {
	key   []byte
	ready [len(digests)]sync.Pool
}

// append appends HMAC-d(key, msg) to b; false means that this build may not use d.
func (m *macer) append(b []byte, d Digest, msg []byte) ([]byte, bool) {
	if d == InsecureMD5 && !md5Allowed() {
		return b, false
	}
	h, ok := m.ready[d].Get().(hash.Hash)
	if !ok {
		h = hmac.New(digests[d].hash, m.key)
	}
	h.Reset()
	h.Write(msg)
	b = h.Sum(b)
	m.ready[d].Put(h)
	return b, true
}

// md5Allowed asks once whether a FIPS mode forbids MD5.
var md5Allowed = sync.OnceValue(func() bool {
	return usable(make([]byte, 32), InsecureMD5)
})

// usable reports whether HMACs of d with key are allowed: a FIPS mode forbids some by a panic, MD5
// and short keys among them.
func usable(key []byte, d Digest) (ok bool) {
	defer func() { ok = recover() == nil }()
	hmac.New(digests[d].hash, key).Sum(nil)
	return true
}
