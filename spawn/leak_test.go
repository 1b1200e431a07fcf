package spawn_test

import (
	"os"
	"testing"

	"mpbridge/internal/leak"
)

func TestMain(m *testing.M) { os.Exit(leak.Run(m)) }
