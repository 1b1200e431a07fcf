//go:build !linux && !darwin

package connection

// peerCredentials is for systems of which this package does not know how they tell.
func peerCredentials(int) (PeerCredentials, error) { return PeerCredentials{}, ErrNotSupported }
