package spawn

import (
	"io"

	"mpbridge/pickle"
	"mpbridge/queues"
)

// child is this process as a child.
type child struct {
	known  crew
	decode *pickle.DecodeOptions
	self   *CurrentProcess
	queues *queues.Options
	stderr io.Writer
}
