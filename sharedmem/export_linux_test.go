package sharedmem

import "os"

// CreateUnderTemporaryName creates a segment as where files need a name.
func CreateUnderTemporaryName(name string, size int64) (*os.File, string, error) {
	link, err := temporaryFile()
	if err != nil {
		return nil, "", err
	}
	return link.segment(name, size, &CreateOptions{Mode: 0o600})
}
