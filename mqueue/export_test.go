package mqueue

import (
	"io/fs"
	"testing"
)

// ModeOf returns who may open a queue.
func ModeOf(t testing.TB, q *Queue) fs.FileMode {
	t.Helper()
	info, err := q.file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}
