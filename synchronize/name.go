package synchronize

import (
	"crypto/rand"
	"fmt"
	"strings"
)

// maxName is the length of a name without its slash: a file name may have 255 bytes, four of which are "sem.".
const maxName = 251

// semName is a name as sem_open understands it: with one slash in front, however many there are.
func semName(name string) (string, error) {
	bare := strings.TrimLeft(name, "/")
	switch {
	case bare == "":
		return "", fmt.Errorf("%w: it is empty", ErrName)
	case len(bare) > maxName:
		return "", fmt.Errorf("%w: it has more than %d bytes", ErrName, maxName)
	case strings.ContainsAny(bare, "/\x00"):
		return "", fmt.Errorf("%w: %.80q", ErrName, name)
	}
	return "/" + bare, nil
}

// fileName is the file in /dev/shm of a name that semName has returned.
func fileName(name string) string { return "sem." + name[1:] }

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
