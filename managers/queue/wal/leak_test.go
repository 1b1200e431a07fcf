package wal_test

import (
	"os"
	"testing"

	"mpbridge/internal/leak"
)

// TestMain fails when tests leave a goroutine or a descriptor behind.
func TestMain(m *testing.M) { os.Exit(leak.Run(m)) }
