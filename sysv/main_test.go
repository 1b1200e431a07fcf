//go:build linux && (amd64 || arm64)

package sysv_test

import (
	"os"
	"testing"

	"mpbridge/internal/leak"
)

func TestMain(m *testing.M) {
	for name, run := range children {
		if os.Getenv("SYSV_TEST_CHILD") == name {
			run(os.Args[1:])
			return
		}
	}
	os.Exit(leak.Run(m))
}

// children are the programs that this binary can be instead.
var children = map[string]func(arguments []string){"acquire": acquireAndWait}
