//go:build unix

package wal_test

import "golang.org/x/sys/unix"

var noSpaceError error = unix.ENOSPC
