//go:build linux && (amd64 || arm64)

package synchronize

import "testing"

// WithoutWaitv has waits do without futex_waitv until the test ends, as on kernels before Linux 5.16.
func WithoutWaitv(t *testing.T) {
	old := waitvMissing.Swap(true)
	t.Cleanup(func() { waitvMissing.Store(old) })
}

// MakeByLink makes the file of a semaphore as where a file cannot be made without a name.
func MakeByLink(file string, value int) error {
	f, err := makeByLink(file, value, 0o600)
	if err == nil {
		err = f.Close()
	}
	return err
}
