//go:build !linux

package spawn

import (
	"io"
	"os"
)

func obey(_ *MainOptions, _ command, _ crew, stderr io.Writer) int {
	return complain(stderr, os.Args[0], ErrNotSupported)
}
