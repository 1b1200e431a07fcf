package connection

import (
	"bytes"
	"crypto/fips140"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
)

// MaxKeys is how many keys a Keyring may hold. Each handshake costs one HMAC for every key: about a
// microsecond of SHA-256 on one core.
const MaxKeys = 1000

// Key is one of several keys that a Listener accepts.
type Key struct {
	// Name says whose key it is, in logs and to Conn.KeyName. It is no secret.
	Name string
	// Secret is the shared secret. It is copied.
	Secret []byte
	// Tag is what the program wants to find again at the Conn of a peer that proved this key.
	Tag any
}

// Keyring is the keys of a Listener, any of which lets a peer in. It may be used by several
// Listeners, and its methods may be called at once from many goroutines.
type Keyring struct {
	now atomic.Pointer[[]*heldKey]
}

// heldKey is a key in use. It does not change.
type heldKey struct {
	name string
	tag  any
	mac  macer
}

// NewKeyring returns a Keyring of the given keys. It fails where there is none or more than
// MaxKeys, and where two have one name or one secret, because a peer could not tell which of them
// it means. Errors hold names and no secrets.
func NewKeyring(keys []Key) (*Keyring, error) {
	r := new(Keyring)
	if err := r.Replace(keys); err != nil {
		return nil, err
	}
	return r, nil
}

// Replace puts other keys in the place of those that there are, for handshakes that begin from now
// on; peers that have connected stay. It fails as NewKeyring does, and changes nothing then.
func (r *Keyring) Replace(keys []Key) error {
	if len(keys) == 0 {
		return errors.New("connection: a keyring needs at least one key")
	}
	if len(keys) > MaxKeys {
		return &LimitError{limitKeys, MaxKeys, int64(len(keys))}
	}
	held := make([]*heldKey, 0, len(keys))
	names, secrets := make(map[string]bool), make(map[string]string)
	for i, k := range keys {
		same := sameKey(k.Secret)
		other, twice := secrets[same]
		switch {
		case same == "":
			return fmt.Errorf("connection: key %d, %q, is empty", i+1, k.Name)
		case names[k.Name]:
			return fmt.Errorf("connection: two keys have the name %q", k.Name)
		case twice:
			return fmt.Errorf("connection: keys %q and %q have the same secret", other, k.Name)
		case fips140.Enabled() && !usable(k.Secret, SHA256):
			return fmt.Errorf("connection: the FIPS mode refuses key %q", k.Name)
		}
		names[k.Name], secrets[same] = true, k.Name
		held = append(held, newHeldKey(k))
	}
	r.now.Store(&held)
	return nil
}

// sameKey returns what two keys have in common that are one to an HMAC, which fills them up with
// zeros (RFC 2104, section 2).
func sameKey(secret []byte) string { return string(bytes.TrimRight(secret, "\x00")) }

func newHeldKey(k Key) *heldKey {
	return &heldKey{name: k.Name, tag: k.Tag, mac: macer{key: slices.Clone(k.Secret)}}
}

// ringOf is a Keyring of a single key, which may also be empty.
func ringOf(secret []byte) *Keyring {
	r := new(Keyring)
	r.now.Store(&[]*heldKey{newHeldKey(Key{Secret: secret})})
	return r
}

// keys returns the keys of now.
func (r *Keyring) keys() []*heldKey { return *r.now.Load() }

// prover returns which of the keys made mac, the HMAC-d of msg, or nil. It compares with every key,
// each in constant time, so that the time tells nothing of which one it was nor of how near a wrong
// one came. ok is false where this build may not use d. The MACs are computed behind b.
func (r *Keyring) prover(b []byte, d Digest, msg, mac []byte) (proved *heldKey, ok bool) {
	keys := r.keys()
	at := 0 // one more than the index of the key
	for i, k := range keys {
		want, ok := k.mac.append(b, d, msg)
		if !ok {
			return nil, false
		}
		at = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(want, mac), i+1, at)
	}
	if at == 0 {
		return nil, true
	}
	return keys[at-1], true
}
