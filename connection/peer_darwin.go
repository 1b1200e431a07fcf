package connection

import "golang.org/x/sys/unix"

// peerCredentials is LOCAL_PEERCRED and LOCAL_PEERPID of sys/un.h. The first group is the effective
// one.
func peerCredentials(fd int) (PeerCredentials, error) {
	x, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	if err != nil {
		return PeerCredentials{}, opError("peer credentials", err)
	}
	p := PeerCredentials{UID: x.Uid, GID: x.Groups[0]}
	if pid, err := unix.GetsockoptInt(fd, unix.SOL_LOCAL, unix.LOCAL_PEERPID); err == nil {
		p.PID = pid
	}
	return p, nil
}
