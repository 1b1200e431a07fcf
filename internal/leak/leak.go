// Package leak tells what tests have left behind. Only tests import it.
package leak

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Run runs the tests and returns their exit code, or 1 where they leave a goroutine of this project or a
// descriptor behind. It is called by TestMain.
func Run(m *testing.M) int {
	before := Descriptors()
	if code := m.Run(); code != 0 {
		return code
	}
	var stacks string
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		stacks = Goroutines()
		if stacks == "" && Descriptors() <= before {
			return 0
		}
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Printf("left over: descriptors %d, were %d; goroutines:\n%s\n", Descriptors(), before, stacks)
	return 1
}

// Goroutines returns the stacks of those that run this project's code, but for the one that asks.
func Goroutines() string {
	buf := make([]byte, 4<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var out []string
	for i, g := range strings.Split(string(buf), "\n\n") {
		if i > 0 && strings.Contains(g, "mpbridge/") {
			out = append(out, g)
		}
	}
	return strings.Join(out, "\n\n")
}

// Descriptors counts open files; 0 where the system does not tell. The runtime's own come first, so the
// poller is woken before counting starts.
func Descriptors() int {
	r, w, err := os.Pipe()
	if err == nil {
		_ = r.Close()
		_ = w.Close()
	}
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}
