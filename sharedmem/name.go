package sharedmem

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
)

// MaxName is how many bytes the name of a new segment may have, without its slash: Python 3.15 takes no longer one.
const MaxName = 254

// maxFileName is how long the name of a file may be, and so that of a segment made by an older Python.
const maxFileName = 255

// prefix begins the names that SharedMemory makes up: _SHM_NAME_PREFIX in Lib/multiprocessing/shared_memory.py.
const prefix = "psm_"

// newName makes one up: _make_filename in shared_memory.py, eight random hexadecimal digits.
func newName() string {
	var random [4]byte
	_, _ = rand.Read(random[:]) // never fails
	return prefix + hex.EncodeToString(random[:])
}

// fileName returns the name of the file that a segment is. Slashes in front do not count, as shm_open(3) has it.
func fileName(name string, longest int) (string, error) {
	bare := strings.TrimLeft(name, "/")
	reason := ""
	switch {
	case bare == "":
		reason = "is empty"
	case bare == "." || bare == "..":
		reason = "is that of a folder"
	case strings.ContainsAny(bare, "/\x00"):
		reason = "has a slash or a zero byte in it"
	case len(bare) > longest:
		reason = fmt.Sprintf("has %d bytes, the limit is %d", len(bare), longest)
	default:
		return bare, nil
	}
	return "", &NameError{name, reason}
}

// newFileName is fileName for a segment that is made here, which every Python has to be able to name to its resource
// tracker.
func newFileName(name string) (string, error) {
	if strings.ContainsFunc(name, outsideOfTracker) {
		return "", &NameError{name, untrackable}
	}
	return fileName(name, MaxName)
}
