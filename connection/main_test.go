package connection_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// children are the programs that a test binary can be instead.
var children = map[string]func(string) int{}

// TestMain fails when tests leave a goroutine of this package or a descriptor behind.
func TestMain(m *testing.M) {
	for env, run := range children {
		if spec := os.Getenv(env); spec != "" {
			os.Exit(run(spec))
		}
	}
	before := descriptors()
	code := m.Run()
	if code == 0 {
		code = leftOver()
	}
	if more := descriptors() - before; code == 0 && more > pollerDescriptors {
		fmt.Println("descriptors left over:", more)
		code = 1
	}
	os.Exit(code)
}

// pollerDescriptors are what the runtime opens for itself at the first socket or child process.
const pollerDescriptors = 4

// descriptors counts the open ones where the system tells.
func descriptors() int {
	runtime.GC() // closes what nobody refers to any more
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(open)
}

func leftOver() int {
	var stacks []string
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		buf := make([]byte, 1<<20)
		stacks = nil
		for i, g := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if i > 0 && strings.Contains(g, "mpbridge/") {
				stacks = append(stacks, g)
			}
		}
		if len(stacks) == 0 {
			return 0
		}
	}
	fmt.Println("left over:\n" + strings.Join(stacks, "\n\n"))
	return 1
}
