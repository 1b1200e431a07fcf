package sharedmem_test

import (
	"fmt"
	"os"
	"testing"

	"mpbridge/internal/leak"
	"mpbridge/sharedmem"
)

// envKilled names the segment that this process makes before it is killed.
const envKilled = "MPBRIDGE_TEST_KILLED"

func TestMain(m *testing.M) {
	if name := os.Getenv(envKilled); name != "" {
		_, err := sharedmem.Create(name, 1<<20, &sharedmem.CreateOptions{Fill: func([]byte) error {
			fmt.Println("filling")
			select {} // until it is killed
		}})
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(leak.Run(m))
}
