//go:build !linux

package sharedmem

import "os"

func mapFile(*os.File, int, bool) ([]byte, error) { return nil, ErrUnsupported }

func unmap([]byte) error { return ErrUnsupported }
