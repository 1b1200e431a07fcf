package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows on standard error how many items are done. What else is written there goes through it, and
// stands above. The zero of a pointer shows nothing.
type progress struct {
	mu     sync.Mutex
	out    io.Writer
	bar    *progressbar.ProgressBar
	failed int
}

// When progress is shown: --progress.
const (
	progressAuto   = "auto"
	progressAlways = "always"
	progressNever  = "never"
)

// newProgress returns what shows progress, or nil: by itself it does so on a terminal on which results do not
// appear as well.
func newProgress(when string, ui *ui) *progress {
	if when == progressNever || when == progressAuto && (!isTerminal(ui.err) || isTerminal(ui.out)) {
		return nil
	}
	bar := progressbar.NewOptions64(-1, progressbar.OptionSetWriter(ui.err), progressbar.OptionShowCount(),
		progressbar.OptionShowIts(), progressbar.OptionSetItsString("items"), progressbar.OptionSpinnerType(14),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	return &progress{out: ui.err, bar: bar}
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// done counts an item.
func (p *progress) done(failed bool) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if failed {
		p.failed++
		p.bar.Describe(fmt.Sprintf("%d failed", p.failed))
	}
	_ = p.bar.Add(1)
}

// Write writes what is no progress.
func (p *progress) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.bar.Clear()
	n, err := p.out.Write(text)
	_ = p.bar.RenderBlank()
	return n, err
}

// end takes the line away.
func (p *progress) end() {
	if p != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		_ = p.bar.Finish()
	}
}
