package reduction

import (
	"fmt"
	"os"
	"slices"

	"mpbridge/connection"
)

// An offer names the socket to ask at, and whoever wrote the pickle may name his own. The handshake does not help: it
// shows that the other side can have challenges answered, not that it knows the key. Who listens could pass on what
// the manager of the same key asks him, have it answered here, and be the manager's client. So before anything is
// answered the system is asked whose process listens.

// checkPeer refuses the process at the other end unless it is trusted.
func (o *RebuildOptions) checkPeer(at connection.Address, c *connection.Conn) error {
	peer, err := c.PeerCredentials()
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrUntrusted, err)
	case o != nil && o.Trust != nil:
		err = o.Trust(at, peer)
	case !o.trusts(peer.UID):
		err = fmt.Errorf("it belongs to user %d", peer.UID)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUntrusted, err)
	}
	return nil
}

// trusts tells whether a user's processes may offer: this process's own, root's, and those of Users.
func (o *RebuildOptions) trusts(uid uint32) bool {
	return uid == 0 || int64(uid) == int64(os.Geteuid()) || o != nil && slices.Contains(o.Users, uid)
}
