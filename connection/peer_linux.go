package connection

import "golang.org/x/sys/unix"

// peerCredentials is SO_PEERCRED of unix(7).
func peerCredentials(fd int) (PeerCredentials, error) {
	u, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return PeerCredentials{}, opError("peer credentials", err)
	}
	return PeerCredentials{PID: int(u.Pid), UID: u.Uid, GID: u.Gid}, nil
}
