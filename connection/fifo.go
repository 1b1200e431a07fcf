package connection

import "errors"

// FIFOAccess says what a FIFO is opened for.
type FIFOAccess int

const (
	// FIFORead receives from those who have the FIFO open for writing. Receiving waits for the first of them, and is
	// io.EOF when the last has closed it. Whoever comes after that needs it opened again.
	FIFORead FIFOAccess = iota
	// FIFOWrite sends to those who have it open for reading, and opening waits until there is one.
	FIFOWrite
	// FIFOServe is FIFORead for one writer after the other: receiving never ends because they leave.
	FIFOServe
)

// MaxSharedPipe is the longest message, in bytes, that several processes may send into one pipe or FIFO at the same time,
// each in one frame that nothing gets into: PIPE_BUF less the header. Options.MaxSend holds a Conn to it.
const MaxSharedPipe = 4096 - 4

var (
	// ErrReadOnly is returned where a Conn that only receives is to send: Python's "connection is read-only".
	ErrReadOnly = errors.New("connection: the connection is read-only")

	// ErrWriteOnly is returned where a Conn that only sends is to receive.
	ErrWriteOnly = errors.New("connection: the connection is write-only")

	// ErrNotFIFO is returned by OpenFIFO for a file that is none.
	ErrNotFIFO = errors.New("connection: the file is not a FIFO")
)
