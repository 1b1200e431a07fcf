//go:build !linux

package wal

import (
	"errors"
	"os"
)

// syncData is F_FULLFSYNC on darwin and FlushFileBuffers on Windows.
func syncData(f *os.File) error { return f.Sync() }

func allocate(*os.File, int64, int64) error { return errors.ErrUnsupported }

func capacity(string) int64 { return 0 }
