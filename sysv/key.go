package sysv

import (
	"io/fs"

	"mpbridge/internal/option"
)

// Key is the number by which processes that are strangers find an object.
type Key int32

// Private is the key of a new object that no key finds: others need its id.
const Private Key = 0

// CreateOptions of a new object; nil means all defaults.
type CreateOptions struct {
	// Mode says who may use it; 0 means 0600. No umask applies.
	Mode fs.FileMode
	// Existing opens the object with that key, if there is one.
	Existing bool
}

const defaultMode = 0o600

// flags returns the last argument of msgget and its like, or an *OptionError.
func (o *CreateOptions) flags() (int, error) {
	var c CreateOptions
	if o != nil {
		c = *o
	}
	if c.Mode == 0 {
		c.Mode = defaultMode
	}
	flags := ipcCreate | int(c.Mode)
	if !c.Existing {
		flags |= ipcExclusive
	}
	return flags, option.Check("sysv", option.Int("Mode", int64(c.Mode), 0, 0o777))
}

// Flags that all kinds of objects have in common.
const (
	ipcCreate    = 0o1000 // IPC_CREAT
	ipcExclusive = 0o2000 // IPC_EXCL
)
