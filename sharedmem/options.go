package sharedmem

import (
	"io"
	"os"
	"time"
)

// CreateOptions are those of Create. They may be shared and must not be changed while in use.
type CreateOptions struct {
	// Mode says who may attach, whatever the umask is. Zero means 0600: processes of the same user.
	Mode os.FileMode
	// Sparse leaves it to the first use of each page to get the memory for it, as Python does. Who uses one when there is
	// none left is then killed, or here gets ErrTruncated. Without it Create gets all of the memory, or fails.
	Sparse bool
	// Fill, if any, writes what is in the segment before it has its name, so that nobody sees a part of it. It must not keep
	// buf. Its error is that of Create, and no segment is left.
	Fill func(buf []byte) error
	// Write, if any, is Fill for who has it all at once: what it writes stands from the beginning on. That is quicker, for
	// memory that is written as a file is not cleared before. More than fits is io.ErrShortWrite.
	Write func(w io.Writer) error
}

// DefaultSizeTimeout is how long Attach waits for a segment to get its size.
const DefaultSizeTimeout = time.Second

// AttachOptions are those of Attach. They may be shared and must not be changed while in use.
type AttachOptions struct {
	// ReadOnly maps the segment for reading only, and does not need the right to write.
	ReadOnly bool
	// SizeTimeout is how long to wait for the size of a segment that has none: Python gives a segment its name first and
	// its size then. Zero means DefaultSizeTimeout; a negative one does not wait.
	SizeTimeout time.Duration
}
