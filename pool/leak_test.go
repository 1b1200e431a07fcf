package pool_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain fails when tests leave a goroutine or a descriptor behind.
func TestMain(m *testing.M) {
	before := descriptors()
	code := m.Run()
	if code == 0 {
		code = leftOver(before)
	}
	os.Exit(code)
}

func leftOver(before int) int {
	var stacks string
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		stacks = goroutines()
		if stacks == "" && descriptors() <= before {
			return 0
		}
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Printf("left over: descriptors %d, were %d; goroutines:\n%s\n", descriptors(), before, stacks)
	return 1
}

// goroutines returns the stacks of those that run this project's code, but for the one that asks.
func goroutines() string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var out []string
	for i, g := range strings.Split(string(buf), "\n\n") {
		if i > 0 && strings.Contains(g, "mpbridge/") {
			out = append(out, g)
		}
	}
	return strings.Join(out, "\n\n")
}

// descriptors counts open files; 0 where the system does not tell. The runtime's own come first, so
// the poller is woken before counting starts.
func descriptors() int {
	r, w, err := os.Pipe()
	if err == nil {
		_ = r.Close()
		_ = w.Close()
	}
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}
