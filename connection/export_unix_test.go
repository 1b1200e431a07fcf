//go:build unix

package connection

import "time"

// SetClaimTimeout has the lock of a folder waited for so long, until the returned function is called.
func SetClaimTimeout(d time.Duration) (back func()) {
	before := claimTimeout
	claimTimeout = d
	return func() { claimTimeout = before }
}
