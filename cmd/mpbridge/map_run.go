package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"mpbridge/pool"
)

// mapRun is one run of mpbridge map.
type mapRun struct {
	ui        *ui
	out       *resultWriter
	printer   *printer
	progress  *progress
	keepGoing bool
	failed    int
	done      int
}

// maxFailureLines bounds the failures, and the retries, that are told one by one.
const maxFailureLines = 20

// run calls fn with each line and prints what becomes of it.
func (m *mapRun) run(ctx context.Context, p *pool.Pool, fn string, in *mapInput, o pool.MapOptions) error {
	told := newFailureLines(m.ui, "tried again")
	o.Retried = func(item int, why error) { told.add(in.line(item), fmt.Errorf("tried again: %w", why)) }
	defer told.end()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // of what reads
	calls := make(chan pool.Arguments)
	go in.read(ctx, m.ui.in, calls)
	failures := newFailureLines(m.ui, "failed")
	defer failures.end()
	for v, err := range pool.IMapChan[any](ctx, p, fn, calls, &o) {
		item := (*pool.ItemError)(nil)
		line := 0
		switch {
		case err != nil && !errors.As(err, &item):
			return err
		case err != nil:
			err = item.Err
		default:
			err = m.printer.print(ctx, m.out, v) // one that cannot be shown is an error, and nothing is printed
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		line = in.taken()
		m.done++
		m.progress.done(err != nil)
		if err == nil {
			continue
		}
		if !m.keepGoing {
			return fmt.Errorf("line %d: %w", line, err)
		}
		m.failed++
		failures.add(line, err)
		if err := m.fail(line, err); err != nil {
			return err
		}
	}
	if err := in.failure(); err != nil {
		return err
	}
	return m.summary()
}

// fail puts an error in the place of a result.
func (m *mapRun) fail(line int, why error) error {
	text, err := json.Marshal(struct {
		Class string `json:"__class__"`
		Item  int    `json:"item"`
		Line  int    `json:"line"`
		Error string `json:"error"`
	}{"error", m.done, line, why.Error()})
	if err != nil {
		return err
	}
	_, err = m.out.Write(append(text, '\n'))
	return err
}

func (m *mapRun) summary() error {
	if m.failed == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d items failed", m.failed, m.done)
}

// flushTimeout is how long the reader of results may take for the last of them after a signal.
const flushTimeout = time.Second

// finish writes what is there. After a failure of its own it has no error to tell.
func (m *mapRun) finish(ctx context.Context, failed error) error {
	m.out.close()
	select {
	case <-m.out.ended:
	case <-ctx.Done():
		select {
		case <-m.out.ended:
		case <-time.After(flushTimeout):
		}
	}
	if failed == nil {
		return m.out.failure()
	}
	return nil
}
