package main

import "sync"

// failureLines reports the failures of lines one by one, up to maxFailureLines, and in the end how many more there were.
type failureLines struct {
	ui   *ui
	what string
	mu   sync.Mutex
	n    int
}

func newFailureLines(ui *ui, what string) *failureLines { return &failureLines{ui: ui, what: what} }

func (t *failureLines) add(line int, why error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n++; t.n <= maxFailureLines {
		t.ui.say("line %d: %v", line, why)
	}
}

func (t *failureLines) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if more := t.n - maxFailureLines; more > 0 {
		t.ui.say("and %d more %s", more, t.what)
	}
}
