//go:build !unix

package connection

import (
	"context"
	"errors"
	"os"
)

// FileConn needs descriptors, which this system does not have: it fails with errors.ErrUnsupported.
func FileConn(f *os.File, _ *Options) (*Conn, error) {
	_ = f.Close()
	return nil, opError("file", errors.ErrUnsupported)
}

// PipeConn needs descriptors, which this system does not have: it fails with errors.ErrUnsupported.
func PipeConn(r, w *os.File, _ *Options) (*Conn, error) {
	_, _ = r.Close(), w.Close()
	return nil, opError("pipe", errors.ErrUnsupported)
}

// OpenFIFO needs FIFOs, which this system does not have: it fails with errors.ErrUnsupported.
func OpenFIFO(context.Context, string, FIFOAccess, *Options) (*Conn, error) {
	return nil, opError("fifo", errors.ErrUnsupported)
}

// Pipe needs a socketpair, which this system does not have: it fails with errors.ErrUnsupported.
func Pipe(*Options) (a, b *Conn, err error) {
	return nil, nil, opError("pipe", errors.ErrUnsupported)
}
