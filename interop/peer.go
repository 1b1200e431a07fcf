package interop

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// peerGrace is how long a peer whose input has ended may take to leave by itself.
const peerGrace = 2 * time.Second

// ErrPeerSilent is returned when a peer did not print a line in time.
var ErrPeerSilent = errors.New("the peer printed nothing in time")

// Peer is a Python script that runs beside a test: it prints a ready line, then answers lines on
// stdin with lines on stdout, and ends when stdin does. Its methods are for one goroutine.
type Peer struct {
	// Ready is what followed "ready" in the first line, split at spaces.
	Ready []string

	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.ReadCloser
	lines  chan string // closed when stdout ends
	stderr lockedBuffer
	exited chan struct{} // closed when the process is reaped
}

// StartPeer runs a script and waits up to timeout for its ready line. The caller must Stop it.
func StartPeer(py Python, timeout time.Duration, script string, args ...string) (*Peer, error) {
	return StartPeerWith(py, nil, timeout, script, args...)
}

// StartPeerWith is StartPeer for a script that inherits files, of which the first is its descriptor 3. They are closed here.
func StartPeerWith(py Python, files []*os.File, timeout time.Duration, script string, args ...string) (*Peer, error) {
	defer func() {
		for _, f := range files {
			_ = f.Close()
		}
	}()
	p := &Peer{lines: make(chan string, 64), exited: make(chan struct{})}
	p.cmd = exec.Command(py.Path, append([]string{script}, args...)...)
	p.cmd.Env = py.Env()
	p.cmd.ExtraFiles = files
	p.cmd.Stderr = &p.stderr
	p.cmd.WaitDelay = time.Second // a grandchild may hold our end of stderr open
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	p.stdin = stdin
	if p.stdout, err = p.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go p.run()
	line, err := p.ReadLine(timeout)
	word, rest, _ := strings.Cut(line, " ")
	if err == nil && word != "ready" {
		err = fmt.Errorf("the first line is %q, not a ready line", line)
	}
	if err != nil {
		_ = p.Stop()
		return nil, fmt.Errorf("%s %s: %w\n%s", py.Path, script, err, p.Stderr())
	}
	p.Ready = strings.Fields(rest)
	return p, nil
}

// run hands over stdout line by line, then reaps the process. It ends when the process has.
func (p *Peer) run() {
	reader := bufio.NewReaderSize(p.stdout, 1<<16)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			break
		}
		p.lines <- strings.TrimRight(line, "\r\n")
	}
	close(p.lines)
	_ = p.cmd.Wait()
	close(p.exited)
}

// Pid is the process id of the script.
func (p *Peer) Pid() int { return p.cmd.Process.Pid }

// Stderr is what the script wrote to stderr so far.
func (p *Peer) Stderr() string { return p.stderr.String() }

// Exited is closed once the process has ended and was reaped.
func (p *Peer) Exited() <-chan struct{} { return p.exited }

// Kill ends the script at once, as SIGKILL does.
func (p *Peer) Kill() error { return p.cmd.Process.Kill() }

// ReadLine gives the next line of stdout without its end, io.EOF when there is none and
// ErrPeerSilent after the timeout.
func (p *Peer) ReadLine(timeout time.Duration) (string, error) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case line, ok := <-p.lines:
		if !ok {
			return "", io.EOF
		}
		return line, nil
	case <-timer.C:
		return "", ErrPeerSilent
	}
}

// Send writes one request as a line of JSON.
func (p *Peer) Send(request any) error {
	line, err := json.Marshal(request)
	if err != nil {
		return err
	}
	_, err = p.stdin.Write(append(line, '\n'))
	return err
}

// Ask sends a request and reads the reply into reply, which may be nil.
func (p *Peer) Ask(timeout time.Duration, request, reply any) error {
	if err := p.Send(request); err != nil {
		return fmt.Errorf("asking the peer: %w\n%s", err, p.Stderr())
	}
	return p.Answer(timeout, reply)
}

// Answer reads the reply to a request that was sent before.
func (p *Peer) Answer(timeout time.Duration, reply any) error {
	line, err := p.ReadLine(timeout)
	if err != nil {
		return fmt.Errorf("the peer's answer: %w\n%s", err, p.Stderr())
	}
	if reply == nil {
		return nil
	}
	if err := json.Unmarshal([]byte(line), reply); err != nil {
		return fmt.Errorf("the peer's answer: %w\n%.300s", err, line)
	}
	return nil
}

// Stop ends the script: it closes stdin, kills what is still there after a grace time and reaps
// it. The error is that of a script which ended by itself with a status other than 0.
func (p *Peer) Stop() error {
	_ = p.stdin.Close()
	go func() { // nobody reads any more; a script must not hang in a full pipe
		for range p.lines {
		}
	}()
	select {
	case <-p.exited:
		if !p.cmd.ProcessState.Success() {
			return fmt.Errorf("the peer ended with %s", p.cmd.ProcessState)
		}
		return nil
	case <-time.After(peerGrace):
	}
	_ = p.cmd.Process.Kill()
	_ = p.stdout.Close() // a grandchild may hold the other end
	<-p.exited
	return nil
}

// Env is the environment of a peer: ours without what changes Python's behaviour, with the packages that With
// added.
func (py Python) Env() []string {
	env := peerEnv()
	if py.packages != "" {
		env = append(env, "PYTHONPATH="+py.packages)
	}
	return env
}

// peerEnv is our environment without what changes Python's behaviour, so that a test means the
// same in every shell.
func peerEnv() []string {
	var env []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "PYTHON") {
			env = append(env, entry)
		}
	}
	return append(env, "PYTHONDONTWRITEBYTECODE=1", "PYTHONHASHSEED=0", "PYTHONIOENCODING=utf-8")
}

// lockedBuffer lets a test read stderr while the process still writes it.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
