//go:build !linux || !(amd64 || arm64)

package synchronize

import "time"

// Create fails with ErrUnsupported on this system.
func Create(value, limit int, o *Options) (*SemLock, error) { return nil, ErrUnsupported }

// Open fails with ErrUnsupported on this system.
func Open(name string, limit int, o *Options) (*SemLock, error) { return nil, ErrUnsupported }

// Unlink fails with ErrUnsupported on this system.
func Unlink(name string) error { return ErrUnsupported }

// CheckPeer fails with ErrUnsupported on this system.
func CheckPeer(pid int) error { return ErrUnsupported }

func supported() error { return ErrUnsupported }

// Nothing below is reached: there is no SemLock without the above.

func sleepOn(*uint32, time.Duration) error  { return ErrUnsupported }
func sleepOnBoth(shared, own *uint32) error { return ErrUnsupported }
func wakeOne(*uint32) error                 { return ErrUnsupported }
func wakeBell(*uint32)                      {}
