package spawn

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"mpbridge/sharedmem"
	"mpbridge/synchronize"
)

// Process is a Python that Start has started. Its methods may be called from any goroutine.
//
//	goroutine             owns                         ends when
//	one of each Process   the pipe of the bootstrap,   the process has ended, and those that it
//	                      reaping, the tracker         has started
type Process struct {
	name    string
	cmd     *exec.Cmd
	tracker *sharedmem.Tracker // nil for Python 2
	exited  chan struct{}      // closed when the process is reaped, and err is set
	err     error
}

// Name is the name of the process.
func (p *Process) Name() string { return p.name }

// Pid is its number.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Exited is closed when it has ended.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Terminate sends SIGTERM, and Kill SIGKILL, as terminate() and kill() do in Python. What has ended already is no error.
func (p *Process) Terminate() error { return p.signal(syscall.SIGTERM) }

// Kill sends SIGKILL.
func (p *Process) Kill() error { return p.signal(syscall.SIGKILL) }

func (p *Process) signal(s os.Signal) error {
	select {
	case <-p.exited:
		return nil
	default:
	}
	if err := p.cmd.Process.Signal(s); err != nil && err != os.ErrProcessDone {
		return err
	}
	return nil
}

// ExitError says that a process ended otherwise than with status 0.
type ExitError struct {
	Name string
	Pid  int
	// Code is its exit status, and what exitcode is in Python: minus the number of the signal that has ended it. Python's status
	// after an exception is 1.
	Code int
	// Signal is what has ended it, or nil.
	Signal os.Signal
}

// Error says how it ended.
func (e *ExitError) Error() string {
	if e.Signal != nil {
		return fmt.Sprintf("spawn: process %s (pid %d) was ended by a signal (%v)", e.Name, e.Pid, e.Signal)
	}
	return fmt.Sprintf("spawn: process %s (pid %d) ended with status %d", e.Name, e.Pid, e.Code)
}

// Wait waits for the end of the process, as join() does, or for that of ctx, which does nothing to it. The error is an *ExitError
// unless the status is 0, or the cause of ctx.
func (p *Process) Wait(ctx context.Context) error {
	select {
	case <-p.exited:
		return p.err
	default:
	}
	select {
	case <-p.exited:
		return p.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// run is the goroutine of a process. The pipe stays open until it has ended: to a Python from 3.8 on its end is that of
// the parent.
func (p *Process) run(pipe *os.File, message []byte) {
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = pipe.Write(message) // fails where the process ends before it has read all, which its status says
	}()
	_ = p.cmd.Wait() // the state says it all
	_ = pipe.Close()
	<-written
	p.err = p.exitError()
	close(p.exited)
	if p.tracker != nil {
		p.cleanUp()
	}
}

func (p *Process) exitError() error {
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	e := &ExitError{Name: p.name, Pid: p.cmd.Process.Pid, Code: p.cmd.ProcessState.ExitCode()}
	if ok && status.Signaled() {
		e.Signal, e.Code = status.Signal(), -int(status.Signal())
	}
	if e.Code == 0 {
		return nil
	}
	return e
}

// cleanUp waits until the process and those that it has started have ended, and removes the semaphores that they made and
// left, as Python's tracker does. Segments it keeps: whoever attaches registers them, and they may be another's.
func (p *Process) cleanUp() {
	_ = p.tracker.Wait(context.Background()) // nothing was given to it
	for _, r := range p.tracker.Left() {
		if r.Type == sharedmem.ResourceSemaphore {
			_ = synchronize.Unlink("/" + r.Name)
		}
	}
	_ = p.tracker.Close()
}
