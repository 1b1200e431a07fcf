//go:build !unix

package spawn

import "os"

func duplicate(*os.File) (*os.File, error) { return nil, ErrNotSupported }
