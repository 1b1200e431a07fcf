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

// TestMain fails when tests leave a goroutine of this package behind.
func TestMain(m *testing.M) {
	for env, run := range children {
		if spec := os.Getenv(env); spec != "" {
			os.Exit(run(spec))
		}
	}
	code := m.Run()
	if code == 0 {
		code = leftOver()
	}
	os.Exit(code)
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
