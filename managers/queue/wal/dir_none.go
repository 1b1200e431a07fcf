//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly || windows)

package wal

import (
	"errors"
	"os"
)

const noFollow = 0

// lock fails: without a lock two programs could write the same files.
func lock(*os.File) error { return errors.ErrUnsupported }

func syncDir(string) error { return nil }

func tooLong(error) bool { return false }

func noSpace(error) bool { return false }
