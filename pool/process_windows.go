package pool

import (
	"os"
	"syscall"
)

// socketpair fails: a worker's Connection(3) needs a descriptor that a child inherits.
func socketpair() (ours, theirs *os.File, err error) { return nil, nil, ErrNotSupported }

func processAttributes() *syscall.SysProcAttr { return nil }

func awaitExit(int) {}

func (c *spawned) signal(syscall.Signal) { _ = c.cmd.Process.Kill() }
