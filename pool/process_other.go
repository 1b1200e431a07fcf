//go:build unix && !linux

package pool

import "syscall"

// processAttributes gives a worker a process group of its own, which a terminal's Ctrl-C does not
// reach.
func processAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// awaitExit leaves it to the reaping to wait.
func awaitExit(int) {}

// signal sends sig to the worker.
func (c *spawned) signal(sig syscall.Signal) { _ = c.cmd.Process.Signal(sig) }
