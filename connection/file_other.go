//go:build !unix

package connection

import (
	"errors"
	"os"
)

// FileConn needs descriptors, which this system does not have: it fails with errors.ErrUnsupported.
func FileConn(f *os.File, _ *Options) (*Conn, error) {
	_ = f.Close()
	return nil, opError("file", errors.ErrUnsupported)
}

// Pipe needs a socketpair, which this system does not have: it fails with errors.ErrUnsupported.
func Pipe(*Options) (a, b *Conn, err error) {
	return nil, nil, opError("pipe", errors.ErrUnsupported)
}
