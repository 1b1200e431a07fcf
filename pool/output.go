package pool

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"mpbridge/internal/guard"
	"mpbridge/internal/peerlog"
)

// output is where the lines of workers go.
type output struct {
	mu    sync.Mutex // calls of Write
	sinks [2]io.Writer
	peers *peerlog.Limiter // of what workers write into the log
	about *peerlog.Limiter // of what is said about them there
}

// chatter are the bounds of a worker's output in the log.
var chatter = peerlog.Options{Peer: peerlog.Rate{Burst: 2000, PerSecond: 200}}

// workerName names a worker in the log.
func workerName(number int) string { return fmt.Sprint("worker ", number) }

// log is for what a worker causes.
func (p *Pool) log(number int) *slog.Logger { return p.peers.Logger(workerName(number)) }

var streams = [2]string{"stdout", "stderr"}

func (o *output) init(opts *Options, about *peerlog.Limiter) {
	o.about = about
	o.sinks = [2]io.Writer{opts.Stdout, opts.Stderr}
	o.peers = peerlog.New(opts.Logger, chatter)
	for i := range o.sinks {
		if o.sinks[i] == nil && opts.quiet {
			o.sinks[i] = os.Stderr // looked up now, not when the package was loaded
		}
	}
}

// outputs are the reading ends of a worker's stdout and stderr, and the goroutines that read them.
type outputs struct {
	number  int
	to      *output
	log     *slog.Logger
	proc    *process
	readers [2]*os.File
	writers [2]*os.File
	wg      sync.WaitGroup
}

// attach makes the pipes of a process that is about to be started.
func (o *output) attach(proc *process, number int) (*outputs, error) {
	out := &outputs{number: number, to: o, proc: proc, log: o.peers.Logger(workerName(number))}
	for i := range streams {
		r, w, err := os.Pipe()
		if err != nil {
			closeAll(out.readers[:], out.writers[:])
			return nil, err
		}
		out.readers[i], out.writers[i] = r, w
	}
	return out, nil
}

// started begins to read, or gives everything up if there is no process.
func (out *outputs) started(ok bool) {
	closeAll(out.writers[:])
	if !ok {
		closeAll(out.readers[:])
		return
	}
	for i := range streams {
		out.wg.Go(func() { out.read(i) })
	}
}

func closeAll(lists ...[]*os.File) {
	for _, list := range lists {
		for _, f := range list {
			if f != nil {
				_ = f.Close()
			}
		}
	}
}

// read passes one stream on, line by line, until it ends.
func (out *outputs) read(stream int) {
	r := bufio.NewReaderSize(out.readers[stream], maxLine)
	for {
		line, err := r.ReadSlice('\n')
		if len(line) > 0 {
			out.line(stream, strings.TrimRight(string(line), "\r\n"))
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

func (out *outputs) line(stream int, line string) {
	if stream == 1 {
		out.proc.tail.add(line)
	}
	o := out.to
	if w := o.sinks[stream]; w != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		_ = guard.Apart(o.about.Logger(workerName(out.number)), "Write", func() error {
			_, err := fmt.Fprintf(w, "[%d] %s\n", out.number, line)
			return err
		})
		return
	}
	out.log.LogAttrs(context.Background(), slog.LevelInfo, "worker output",
		slog.Int("worker", out.number), slog.String("stream", streams[stream]),
		slog.String("line", line))
}

// finish reads what a process has left behind. It does not wait long for those that hold its pipes
// open, which are processes that it started.
func (out *outputs) finish() {
	for _, r := range out.readers {
		_ = r.SetReadDeadline(time.Now().Add(outputTime))
	}
	out.wg.Wait()
	out.to.peers.Forget(workerName(out.number))
	closeAll(out.readers[:])
}

// tail keeps the last lines of stderr.
type tail struct {
	mu   sync.Mutex
	last []string
}

// maxTailLine bounds what is kept of a line, in bytes.
const maxTailLine = 1 << 10

func (t *tail) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(line) > maxTailLine {
		line = strings.Clone(line[:maxTailLine]) + "…"
	}
	if len(t.last) == stderrLines {
		t.last = slices.Delete(t.last, 0, 1)
	}
	t.last = append(t.last, line)
}

func (t *tail) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.last)
}
