//go:build !linux && !darwin

package reduction

import "io"

// canPass says whether this system passes descriptors. It does not, so nothing below is called with
// a descriptor.
const canPass = false

func netSocket(int) (io.Closer, error) { return nil, ErrUnsupported }

func accessOf(int) (readable, writable bool, err error) { return false, false, ErrUnsupported }

func socketOf(int) (socketInfo, error) { return socketInfo{}, ErrUnsupported }
