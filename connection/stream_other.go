//go:build !linux && !darwin

package connection

import "time"

// fdOps stands for operations on a descriptor, which this system does not get: raw stays nil,
// everything goes through net.Conn, and these are never called.
type fdOps struct{}

func (fdOps) initRaw() {}

func (fdOps) rawRead([]byte, int) (int, *[]byte, error) { return 0, nil, ErrNotSupported }

func (fdOps) rawLook(int, time.Duration) (int, *[]byte, error) { return 0, nil, ErrNotSupported }

func (fdOps) waitReady(bool) (byte, error) { return 0, ErrNotSupported }

func (fdOps) rawWrite([]byte, [][]byte, time.Duration) (int, error) { return 0, ErrNotSupported }

func (fdOps) peerGone() bool { return false }
