package main

import "sync"

// teller tells of lines one by one, up to mostTold, and in the end how many more there were.
type teller struct {
	ui   *ui
	what string
	mu   sync.Mutex
	n    int
}

func newTeller(ui *ui, what string) *teller { return &teller{ui: ui, what: what} }

func (t *teller) tell(line int, why error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n++; t.n <= mostTold {
		t.ui.say("line %d: %v", line, why)
	}
}

func (t *teller) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if more := t.n - mostTold; more > 0 {
		t.ui.say("and %d more %s", more, t.what)
	}
}
