//go:build linux && (amd64 || arm64)

package synchronize

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
)

func supported() error { return nil }

// CheckPeer looks whether semaphores can be shared with a process: with one of musl they cannot, which is
// ErrMusl. Only the user of the process, and root, may look.
func CheckPeer(pid int) error {
	f, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return fmt.Errorf("synchronize: looking at process %d: %w", pid, withoutPath(err))
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if bytes.Contains(lines.Bytes(), []byte("/ld-musl-")) {
			return ErrMusl
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("synchronize: looking at process %d: %w", pid, withoutPath(err))
	}
	return nil
}
