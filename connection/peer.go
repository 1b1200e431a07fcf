package connection

import "syscall"

// KeyName returns the name of the key that the peer proved to a Listener with Keys. It is empty for
// every other Conn.
func (c *Conn) KeyName() string {
	if c.key == nil {
		return ""
	}
	return c.key.name
}

// KeyTag returns the Tag of the key that KeyName names, as it was when the peer proved it.
func (c *Conn) KeyTag() any {
	if c.key == nil {
		return nil
	}
	return c.key.tag
}

// PeerCredentials are the process at the other end of a unix socket, as it was when it connected or
// began to listen.
type PeerCredentials struct {
	PID int // 0 where the system does not tell
	UID uint32
	GID uint32
}

// PeerCredentials asks the kernel who is at the other end of a unix socket: SO_PEERCRED on Linux,
// LOCAL_PEERCRED on macOS. For other kinds of connection, and on other systems, the error is
// ErrNotSupported.
func (c *Conn) PeerCredentials() (PeerCredentials, error) {
	sc, ok := c.s.nc.(syscall.Conn)
	if !ok || c.LocalAddr().Network() != Unix {
		return PeerCredentials{}, ErrNotSupported
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return PeerCredentials{}, c.wrapError("peer credentials", err)
	}
	var p PeerCredentials
	var perr error
	if err := rc.Control(func(fd uintptr) { p, perr = peerCredentials(int(fd)) }); err != nil {
		return p, c.wrapError("peer credentials", err)
	}
	return p, perr
}
