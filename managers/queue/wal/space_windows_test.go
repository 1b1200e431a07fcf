package wal_test

import "golang.org/x/sys/windows"

var noSpaceError error = windows.ERROR_DISK_FULL
