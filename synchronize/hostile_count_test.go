//go:build linux && (amd64 || arm64)

package synchronize_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mpbridge/synchronize"

	"github.com/stretchr/testify/require"
)

// TestANotifyEndsWithItsContextWhateverAPeerCounts: who may open a semaphore may write two thousand million into it.
func TestANotifyEndsWithItsContextWhateverAPeerCounts(t *testing.T) {
	for _, which := range []string{"-woken", "-sleeping", "-wait"} {
		t.Run(which, func(t *testing.T) {
			c := newCondition(t, nil)
			me := synchronize.NewOwner()
			require.NoError(t, c.Acquire(t.Context(), me))
			for _, name := range c.Names() {
				if strings.HasSuffix(name, which) {
					f, err := os.OpenFile(filepath.Join("/dev/shm", "sem."+strings.TrimPrefix(name, "/")), os.O_RDWR, 0)
					require.NoError(t, err)
					_, err = f.WriteAt([]byte{0xff, 0xff, 0xff, 0x7f}, 0)
					require.NoError(t, err)
					require.NoError(t, f.Close())
				}
			}
			done := make(chan error, 1)
			go func() { done <- c.NotifyAll(over(t), me) }()
			select {
			case <-done:
			case <-time.After(10 * time.Second):
				t.Fatal("it goes on without its context")
			}
		})
	}
}
