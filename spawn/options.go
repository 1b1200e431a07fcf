package spawn

import (
	"mpbridge/internal/option"
	"mpbridge/pickle"
)

// MainOptions say how a child is made. Zero values mean the defaults.
type MainOptions struct {
	// Python is the interpreter that takes the place of this program where it was started to do what only an
	// interpreter can: as the resource tracker, as the fork server, or for a target that Targets do not have. "" is the one
	// that the parent runs.
	Python string

	// MaxBytes is how much the parent may send for the process, its arguments included; 1 GiB by default.
	MaxBytes int

	// Decode are the limits of decoding it, and what the tasks of pools are decoded with; nil means the defaults.
	Decode *pickle.DecodeOptions
}

// Limits of MainOptions.
const (
	DefaultMaxBytes = 1 << 30
	CeilMaxBytes    = 1<<31 - 1
)

func (o *MainOptions) check() (*MainOptions, error) {
	var out MainOptions
	if o != nil {
		out = *o
	}
	if out.MaxBytes == 0 {
		out.MaxBytes = DefaultMaxBytes
	}
	return &out, option.Check("spawn", option.Int("MaxBytes", out.MaxBytes, 1, CeilMaxBytes))
}
