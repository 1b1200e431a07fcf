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
)

// output is where the lines of workers go.
type output struct {
	mu     sync.Mutex // calls of Write
	sinks  [2]io.Writer
	logger *slog.Logger
}

var streams = [2]string{"stdout", "stderr"}

func (o *output) init(opts *Options) {
	o.sinks = [2]io.Writer{opts.Stdout, opts.Stderr}
	o.logger = opts.Logger
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
	proc    *process
	readers [2]*os.File
	writers [2]*os.File
	wg      sync.WaitGroup
}

// attach makes the pipes of a process that is about to be started.
func (o *output) attach(proc *process, number int) (*outputs, error) {
	out := &outputs{number: number, to: o, proc: proc}
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
		fmt.Fprintf(w, "[%d] %s\n", out.number, line)
		return
	}
	o.logger.LogAttrs(context.Background(), slog.LevelInfo, "worker output",
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
