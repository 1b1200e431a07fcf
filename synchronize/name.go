package synchronize

import (
	"crypto/rand"
	"fmt"
	"strings"
)

// maxName is the length of a name without its slash: a file name may have 255 bytes, four of which are "sem.".
const maxName = 251

// fileName is the name of the file in /dev/shm. As sem_open does, it takes any number of slashes in front.
func fileName(name string) (string, error) {
	bare := strings.TrimLeft(name, "/")
	switch {
	case bare == "":
		return "", fmt.Errorf("%w: it is empty", ErrName)
	case len(bare) > maxName:
		return "", fmt.Errorf("%w: it has more than %d bytes", ErrName, maxName)
	case strings.ContainsAny(bare, "/\x00"):
		return "", fmt.Errorf("%w: %.80q", ErrName, name)
	}
	return "sem." + bare, nil
}

// letters are those of tempfile._RandomNameSequence.
const letters = "abcdefghijklmnopqrstuvwxyz0123456789_"

// newName is a name as SemLock._make_name of Python makes it. There are 37 to the eighth of them.
func newName() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it does not fail
	for i := range b {
		b[i] = letters[int(b[i])%len(letters)]
	}
	return "/mp-" + string(b[:])
}
