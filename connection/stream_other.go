//go:build !linux && !darwin

package connection

import "time"

// initRaw leaves raw nil: everything goes through net.Conn here.
func (s *stream) initRaw() {}

func (s *stream) rawRead([]byte, int) (int, *[]byte, error) { panic("unreachable: raw is nil") }

func (s *stream) waitReady(bool) error { panic("unreachable: raw is nil") }

func (s *stream) rawWrite([]byte, [][]byte, time.Duration) (int, error) {
	panic("unreachable: raw is nil")
}

func (s *stream) peerGone() bool { return false }
