package pool

import (
	"os"
	"sync"
	"syscall"
	"time"

	"mpbridge/connection"
)

// child is a process as it is known to the one that reaps it: to us, or to a fork server.
type child interface {
	// id is its number.
	id() int
	// wait returns when it has ended. An error says why that is all that is known.
	wait() (Exit, error)
	// signal sends sig to its process group. It does nothing once the process is reaped.
	signal(sig syscall.Signal)
}

// process is a running interpreter. Goroutines of it read its output and wait for its end; they end
// with it.
type process struct {
	child
	pid    int
	exited chan struct{} // closed when it is reaped, its output was read, and exit and lost are set
	exit   Exit
	lost   error // why nobody knows how it ended, or nil
	tail   tail

	mu     sync.Mutex
	ending bool
}

// starter starts a process that has socket as descriptor 3.
type starter func(number int, socket, stdout, stderr *os.File) (child, error)

// launch starts a process and returns our end of its socket.
func (p *Pool) launch(number int, start starter) (*process, *connection.Conn, error) {
	ours, theirs, err := socketpair()
	if err != nil {
		return nil, nil, err
	}
	defer theirs.Close()
	conn, err := connection.FileConn(ours, &connection.Options{
		MaxMessage: p.opts.MaxResult, ReadBuffer: connection.CeilReadBuffer})
	if err != nil {
		return nil, nil, err
	}
	proc := &process{exited: make(chan struct{})}
	out, err := p.output.attach(proc, number)
	if err == nil {
		proc.child, err = start(number, theirs, out.writers[0], out.writers[1])
		out.started(err == nil)
	}
	if err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	proc.pid = proc.id()
	go proc.await(out)
	return proc, conn, nil
}

// await waits for the end of the process and reads the rest of its output.
func (c *process) await(out *outputs) {
	c.exit, c.lost = c.wait()
	out.finish()
	close(c.exited)
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
