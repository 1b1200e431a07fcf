package pool

import (
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"mpbridge/connection"
)

// forkScript stands before script in what a fork server runs.
//
//go:embed forkserver.py
var forkScript string

// Kinds of messages to and from a fork server.
const (
	forkMessage   = iota // (worker's number, 0) with four descriptors; (worker's number, pid or -errno)
	signalMessage        // (pid, signal); (pid, 0)
	endedMessage         // (pid, status of waitpid)
)

// forkMessageSize is that of each message, three numbers of 32 bits.
const forkMessageSize = 12

// errForkMessage says that a fork server said what it was not asked.
var errForkMessage = errors.New("the message is not one that a fork server sends")

// forkServer is an interpreter that forks workers. Its goroutine starts it, hears what it says, and
// buries it.
type forkServer struct {
	servers *forkServers
	ready   chan struct{} // closed when it can be used or has failed to start
	err     error         // why it did not start
	proc    *process
	conn    *connection.Conn

	sending sync.Mutex // writing, in the order of asked

	mu       sync.Mutex
	asked    []*forked // for each request without an answer what it is to start, nil for a signal
	since    time.Time // when the first of them began to be waited for
	timer    *time.Timer
	children map[int32]*forked
	gone     bool // nothing is asked any more
}

// forked is a worker that a fork server has started, or is about to.
type forked struct {
	server   *forkServer
	lifeline *os.File      // a pipe; the kernel kills the worker when this end of it closes
	answered chan struct{} // closed when pid or refused is set
	pid      int32
	refused  error         // why it was not started
	ended    chan struct{} // closed when exit and lost are set
	exit     Exit
	lost     error // why nobody knows how it ended, or nil
}

func newForkServer(s *forkServers) *forkServer {
	return &forkServer{servers: s, ready: make(chan struct{}), children: map[int32]*forked{}}
}

// run is the goroutine of a fork server.
func (f *forkServer) run() {
	f.err = f.start()
	if f.err != nil {
		f.servers.forget(f)
		close(f.ready)
		return
	}
	stop := context.AfterFunc(f.servers.ctx, func() { _ = f.conn.Close() })
	defer stop()
	close(f.ready)
	err := f.listen()
	f.servers.forget(f)
	f.onExit(err)
}

func (f *forkServer) start() error {
	p := f.servers.pool
	r, err := p.serverSetup()
	if err != nil {
		return &StartError{Python: p.python, Err: err}
	}
	f.proc, f.conn, err = p.bringUp(f.servers.ctx, r, p.spawn(forkScript+script))
	return err
}

// fork starts a worker.
func (f *forkServer) fork(number int, socket, stdout, stderr *os.File) (child, error) {
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	c := &forked{server: f, lifeline: ours, answered: make(chan struct{}), ended: make(chan struct{})}
	err = f.ask(c, forkMessage, int32(number), 0, socket, stdout, stderr, theirs)
	if err == nil {
		<-c.answered
		err = c.refused
	}
	if err != nil {
		_ = ours.Close()
		return nil, err
	}
	return c, nil
}

// ask sends a request. If it is to start c, that is answered in any case.
func (f *forkServer) ask(c *forked, kind, number, value int32, files ...*os.File) error {
	f.sending.Lock()
	defer f.sending.Unlock()
	f.mu.Lock()
	if f.gone {
		f.mu.Unlock()
		return f.exitError()
	}
	if f.asked = append(f.asked, c); len(f.asked) == 1 {
		f.awaitAnswer()
	}
	f.mu.Unlock()
	msg := make([]byte, 0, forkMessageSize)
	for _, n := range []int32{kind, number, value} {
		msg = binary.BigEndian.AppendUint32(msg, uint32(n))
	}
	if err := sendFiles(f.conn, msg, files); err != nil {
		_ = f.conn.Close() // which ends listen
	}
	return nil
}

// awaitAnswer begins to wait for the first answer. The caller holds mu.
func (f *forkServer) awaitAnswer() {
	f.since = time.Now()
	if limit := f.servers.pool.opts.StartTimeout; f.timer == nil {
		f.timer = time.AfterFunc(limit, f.onTimeout)
	} else {
		f.timer.Reset(limit)
	}
}

// onTimeout kills a fork server that does not answer.
func (f *forkServer) onTimeout() {
	f.mu.Lock()
	stuck := len(f.asked) > 0 && time.Since(f.since) >= f.servers.pool.opts.StartTimeout
	f.mu.Unlock()
	if stuck {
		f.proc.end(nil)
	}
}

// listen hears what the fork server says until it ends.
func (f *forkServer) listen() error {
	for {
		msg, err := f.conn.RecvBytes(context.Background())
		if err == nil {
			err = f.heard(msg)
		}
		if err != nil {
			return err
		}
	}
}

// heard reads one message.
func (f *forkServer) heard(msg []byte) error {
	if len(msg) != forkMessageSize {
		return errForkMessage
	}
	kind := binary.BigEndian.Uint32(msg)
	number, value := int32(binary.BigEndian.Uint32(msg[4:])), int32(binary.BigEndian.Uint32(msg[8:]))
	f.mu.Lock()
	defer f.mu.Unlock()
	if kind == endedMessage {
		return f.childEnded(number, value)
	}
	return f.requestAnswered(kind, value)
}

// childEnded notes the end of a worker. The caller holds mu.
func (f *forkServer) childEnded(pid, status int32) error {
	c := f.children[pid]
	if c == nil {
		return errForkMessage
	}
	delete(f.children, pid)
	c.exit = exitOf(waitStatus(status))
	close(c.ended)
	return nil
}

// requestAnswered notes the answer to the first request that has none. The caller holds mu.
func (f *forkServer) requestAnswered(kind uint32, pid int32) error {
	if len(f.asked) == 0 {
		return errForkMessage
	}
	c := f.asked[0]
	if c == nil && kind != signalMessage ||
		c != nil && (kind != forkMessage || pid == 0 || f.children[pid] != nil) {
		return errForkMessage
	}
	if f.asked = f.asked[1:]; len(f.asked) > 0 {
		f.awaitAnswer()
	} else {
		f.timer.Stop()
	}
	if c == nil {
		return nil
	}
	if c.pid = pid; pid > 0 {
		f.children[pid] = c
	} else {
		c.refused = os.NewSyscallError("fork", syscall.Errno(-pid))
	}
	close(c.answered)
	return nil
}

// onExit ends what is left of a fork server that says nothing more: its workers, which nobody could
// tell the end of.
func (f *forkServer) onExit(cause error) {
	_ = f.conn.Close()
	asked, children := f.close()
	for _, c := range children {
		_ = c.lifeline.Close()
	}
	if errors.Is(cause, errForkMessage) {
		f.proc.end(nil)
	}
	f.proc.expect(leaveTime)
	err := f.exitError()
	if f.servers.ctx.Err() == nil {
		f.servers.pool.log(0).Warn("fork server died", "pid", err.Pid, "exit", err.Exit.String())
	}
	for _, c := range asked {
		if c != nil {
			c.refused = err
			close(c.answered)
		}
	}
	for _, c := range children {
		c.exit, c.lost = Exit{Code: -1, Signal: syscall.SIGKILL}, err
		close(c.ended)
	}
}

// close takes all that waits for the fork server, and lets nothing more be asked.
func (f *forkServer) close() (asked []*forked, children map[int32]*forked) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gone = true
	if f.timer != nil {
		f.timer.Stop()
	}
	asked, children = f.asked, f.children
	f.asked, f.children = nil, nil
	return asked, children
}

// exitError says how the fork server ended, when it has.
func (f *forkServer) exitError() *ForkServerError {
	<-f.proc.exited
	return &ForkServerError{Pid: f.proc.pid, Exit: f.proc.exit, Stderr: f.proc.lastLines()}
}

func (c *forked) id() int { return int(c.pid) }

func (c *forked) wait() (Exit, error) {
	<-c.ended
	_ = c.lifeline.Close()
	return c.exit, c.lost
}

// signal leaves it to the fork server, which knows which numbers are still its children's.
func (c *forked) signal(sig syscall.Signal) {
	_ = c.server.ask(nil, signalMessage, c.pid, int32(sig))
}
