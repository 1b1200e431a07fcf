package sharedmem

// CreateUnderTemporaryName creates a segment as where files need a name.
func CreateUnderTemporaryName(name string, size int) (*SharedMemory, error) {
	link, err := temporaryFile()
	if err != nil {
		return nil, err
	}
	m, name, err := link.segment(name, size, &CreateOptions{Mode: 0o600})
	if err != nil {
		return nil, err
	}
	return &SharedMemory{name, size, m}, nil
}
