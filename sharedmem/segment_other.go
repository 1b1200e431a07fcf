//go:build !linux

package sharedmem

import "os"

// What segments need, on systems where they are not files.

func createSegment(string, int, *CreateOptions) (*mapping, string, error) {
	return nil, "", ErrUnsupported
}

func openSegment(string, bool) (*os.File, error) { return nil, ErrUnsupported }

func unlinkSegment(string, os.FileInfo) error { return ErrUnsupported }

func createArena(int64) (*os.File, error) { return nil, ErrUnsupported }
