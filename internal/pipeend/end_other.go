//go:build !linux

package pipeend

import (
	"context"
	"os"
	"time"
)

// End does not exist on this system.
type End struct{}

// Inherit fails with ErrUnsupported.
func Inherit(int) (*End, error) { return nil, ErrUnsupported }

// InheritCopy fails with ErrUnsupported.
func InheritCopy(int) (*End, error) { return nil, ErrUnsupported }

// Forget does nothing.
func Forget(int) {}

// Pipe fails with ErrUnsupported.
func Pipe() (r, w *End, err error) { return nil, nil, ErrUnsupported }

// Socketpair fails with ErrUnsupported.
func Socketpair() (a, b *End, err error) { return nil, nil, ErrUnsupported }

// Access fails with ErrUnsupported.
func (*End) Access() (readable, writable bool, err error) { return false, false, ErrUnsupported }

// Blocking fails with ErrUnsupported.
func (*End) Blocking() (*os.File, error) { return nil, ErrUnsupported }

// Close fails with ErrUnsupported.
func (*End) Close() error { return ErrUnsupported }

// AwaitRead fails with ErrUnsupported.
func (*End) AwaitRead(context.Context) error { return ErrUnsupported }

// AwaitWrite fails with ErrUnsupported.
func (*End) AwaitWrite(context.Context) error { return ErrUnsupported }

// Readable fails with ErrUnsupported.
func (*End) Readable() (bool, error) { return false, ErrUnsupported }

// SetReadDeadline fails with ErrUnsupported.
func (*End) SetReadDeadline(time.Time) error { return ErrUnsupported }

// SetWriteDeadline fails with ErrUnsupported.
func (*End) SetWriteDeadline(time.Time) error { return ErrUnsupported }

// Read fails with ErrUnsupported.
func (*End) Read([]byte) (int, error) { return 0, ErrUnsupported }

// Write fails with ErrUnsupported.
func (*End) Write([][]byte) (int, error) { return 0, ErrUnsupported }
