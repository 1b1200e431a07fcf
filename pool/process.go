package pool

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"mpbridge/connection"
)

// script is what the interpreter of a worker runs.
//
//go:embed worker.py
var script string

// process is a running interpreter. Goroutines of it read its output and wait for its end; they end
// with it.
type process struct {
	cmd    *exec.Cmd
	pid    int
	exited chan struct{} // closed when it is reaped, its output was read, and exit is set
	exit   Exit
	tail   tail

	mu     sync.Mutex
	reaped bool
	ending bool
}

// interpreter finds the executable of Options once and for all.
func interpreter(o *Options) (string, error) {
	name := o.Python
	switch {
	case name == "" && o.Venv != "":
		name = filepath.Join(o.Venv, "bin", "python")
	case name == "":
		name = "python3"
	}
	path, err := exec.LookPath(name)
	if err == nil {
		path, err = filepath.Abs(path) // which the workers' Dir must not change
	}
	if err != nil {
		return "", &StartError{Python: name, Err: err}
	}
	return path, nil
}

// spawn starts an interpreter and returns our end of its socket.
func (p *Pool) spawn(number int) (*process, *connection.Conn, error) {
	ours, theirs, err := socketpair()
	if err != nil {
		return nil, nil, err
	}
	defer theirs.Close()
	conn, err := connection.FileConn(ours, &connection.Options{
		MaxMessage: p.opts.MaxResult, ReadBuffer: connection.MaxReadBuffer})
	if err != nil {
		return nil, nil, err
	}
	args := append(append([]string{}, p.opts.Flags...), "-c", script)
	cmd := exec.Command(p.python, args...)
	cmd.Dir, cmd.Env = p.opts.Dir, p.opts.Env
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.SysProcAttr = processAttributes()
	proc := &process{cmd: cmd, exited: make(chan struct{})}
	out, err := p.output.attach(proc, number)
	if err == nil {
		err = p.spawner.start(cmd)
		out.started(err == nil)
	}
	if err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	proc.pid = cmd.Process.Pid
	go proc.wait(out)
	return proc, conn, nil
}

// wait reaps the process and reads the rest of its output.
func (c *process) wait(out *outputs) {
	awaitExit(c.pid)
	c.mu.Lock()
	_ = c.cmd.Wait() // the state says it all
	c.reaped = true
	c.mu.Unlock()
	c.exit = exitOf(c.cmd.ProcessState)
	out.finish()
	close(c.exited)
}

// exitOf reads how a process ended.
func exitOf(s *os.ProcessState) Exit {
	if status, ok := s.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return Exit{Code: -1, Signal: status.Signal()}
	}
	return Exit{Code: s.ExitCode()}
}

// lastLines are the last lines of its stderr.
func (c *process) lastLines() []string { return c.tail.lines() }

// grace is a signal and how long a process may take to end after it.
type grace struct {
	signal syscall.Signal
	wait   time.Duration
}

// graces are what a worker that is to be killed gets before SIGKILL. The caller holds mu.
func (p *Pool) graces() (steps []grace) {
	if p.opts.InterruptGrace > 0 && !p.terminated {
		steps = append(steps, grace{syscall.SIGINT, p.opts.InterruptGrace})
	}
	if p.opts.TerminateGrace > 0 {
		steps = append(steps, grace{syscall.SIGTERM, p.opts.TerminateGrace})
	}
	return steps
}

// end sends the signals of steps, each if the process is still there, and then SIGKILL. It returns
// when the process is gone; beside another call that does so, it does nothing.
func (c *process) end(steps []grace) {
	c.mu.Lock()
	ending := c.ending
	c.ending = true
	c.mu.Unlock()
	if ending {
		return
	}
	for _, s := range steps {
		c.signal(s.signal)
		if c.gone(s.wait) {
			return
		}
	}
	c.signal(syscall.SIGKILL)
	<-c.exited
}

// expect kills the process if it does not end by itself within d. It does not wait.
func (c *process) expect(d time.Duration) {
	go func() {
		if !c.gone(d) {
			c.end(nil)
		}
	}()
}

// gone waits up to d for the end of the process.
func (c *process) gone(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-c.exited:
		return true
	case <-timer.C:
		return false
	}
}

// limitReads ends reading from a process that is gone, if its socket stays open in a process that
// it started.
func (c *process) limitReads(conn *connection.Conn) {
	<-c.exited
	_ = conn.SetReadDeadline(time.Now().Add(drainTime))
}
