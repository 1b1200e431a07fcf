package values

import (
	"fmt"
	"sync/atomic"

	"mpbridge/pickle"
)

// Budget is what one call may spend on the values that it works with: those that it makes out of few bytes,
// and the steps in which it walks over them, compares them and shows them. Every function of this package
// that does such a thing is a method of Budget; the function of the same name has no bounds. A Budget is
// also the pickle.Meter of what the call decodes and encodes.
//
// A Budget belongs to one goroutine. The nil Budget has no bounds.
type Budget struct {
	limits BudgetLimits
	stop   func() error
	pool   *Pool

	values, bytes int64 // that are there at once
	steps         int64 // of all that was done
	asked         int64 // steps at which stop was asked last
	reserved      int64 // bytes of the pool
	err           error // why nothing can be spent any more
	refused       error // why something could not be spent at last
}

// BudgetLimits bounds a Budget. All of them must be set.
type BudgetLimits struct {
	Values int64 // that are there at once
	Bytes  int64 // that they take in memory, roughly
	Steps  int64 // in all: one for each value that is looked at, and for each few dozen bytes of it
}

// Pool is what several Budgets have together: bytes. It may be used by many goroutines.
type Pool struct {
	max  int64
	used atomic.Int64
}

// NewPool makes a pool of so many bytes.
func NewPool(bytes int64) *Pool { return &Pool{max: bytes} }

// Used returns how many bytes are spent by Budgets that are not closed.
func (p *Pool) Used() int64 { return p.used.Load() }

// BudgetError says that a limit of a Budget was met.
type BudgetError struct {
	What  string // "values", "bytes", "steps" or, of the Pool, "bytes of all calls"
	Limit int64
}

// Error names the limit.
func (e *BudgetError) Error() string {
	return fmt.Sprintf("a call takes more than %d %s", e.Limit, e.What)
}

const (
	// askEvery is after how many steps it is asked whether anybody still wants the result: some
	// hundred microseconds' worth, so that asking the system costs nothing beside them.
	askEvery = 1 << 13
	// stepBytes is how many bytes are copied or compared in a step.
	stepBytes = 64
	// poolShare is how many bytes a Budget takes from its pool at once. What spends less is not counted.
	poolShare = 1 << 20
	// longestStep is how many steps may be taken in one go, in which nobody can be asked.
	longestStep = 1 << 24
)

// ValueBytes is roughly what a value takes in memory where it stands: in a list, or boxed.
const ValueBytes = 32

// NewBudget makes a Budget. Its function stop is asked every now and then, and its error ends all
// spending; it may be nil, as the pool may.
func NewBudget(l BudgetLimits, stop func() error, pool *Pool) *Budget {
	return &Budget{limits: l, stop: stop, pool: pool}
}

// Spend counts values that are made, and the bytes that they take.
func (w *Budget) Spend(values, bytes int) error { return w.Make(int64(values), int64(bytes)) }

// Make is Spend for numbers beyond the machine's integers.
func (w *Budget) Make(values, bytes int64) error {
	if w == nil {
		return nil
	}
	if w.err != nil {
		return w.err
	}
	if values < 0 || values > w.limits.Values-w.values {
		return w.refuse("values", w.limits.Values)
	}
	if bytes < 0 || bytes > w.limits.Bytes-w.bytes {
		return w.refuse("bytes", w.limits.Bytes)
	}
	w.values, w.bytes = w.values+values, w.bytes+bytes
	if err := w.reserve(); err != nil {
		w.values, w.bytes = w.values-values, w.bytes-bytes
		return err
	}
	return w.Step(int(min(values+bytes/stepBytes, w.limits.Steps)))
}

// MakeEach counts n values that take so many bytes each.
func (w *Budget) MakeEach(n, bytes int) error {
	if w == nil {
		return nil
	}
	if int64(n) > w.limits.Values-w.values {
		return w.refuse("values", w.limits.Values)
	}
	if bytes > 0 && int64(n) > (w.limits.Bytes-w.bytes)/int64(bytes) {
		return w.refuse("bytes", w.limits.Bytes)
	}
	return w.Make(int64(n), int64(n)*int64(bytes))
}

// reserve takes from the pool what the Budget has come to take.
func (w *Budget) reserve() error {
	if w.pool == nil || w.bytes <= w.reserved || w.bytes < poolShare {
		return nil
	}
	more := (w.bytes - w.reserved + poolShare - 1) / poolShare * poolShare
	if w.pool.used.Add(more) > w.pool.max {
		w.pool.used.Add(-more)
		return w.refuse("bytes of all calls", w.pool.max)
	}
	w.reserved += more
	return nil
}

// Step counts n steps.
func (w *Budget) Step(n int) error {
	if w == nil {
		return nil
	}
	if w.err != nil {
		return w.err
	}
	if w.steps += int64(n); w.steps-w.asked < askEvery && w.steps <= w.limits.Steps {
		return nil
	}
	return w.ask()
}

// StepBytes counts the steps in which n bytes are looked at.
func (w *Budget) StepBytes(n int) error { return w.Step(1 + n/stepBytes) }

// leap counts n steps of which none can be told from the next. Too many of them are refused before they
// are begun, by the nil Budget too.
func (w *Budget) leap(n int64) error {
	if n > longestStep {
		return &BudgetError{"steps on one number", longestStep}
	}
	return w.Step(int(n))
}

func (w *Budget) ask() error {
	if w.err != nil {
		return w.err
	}
	w.asked = w.steps
	if w.steps > w.limits.Steps {
		w.err = w.refuse("steps", w.limits.Steps)
	} else if w.stop != nil {
		w.err = w.stop()
	}
	return w.err
}

// refuse says that a limit was met.
func (w *Budget) refuse(what string, limit int64) error {
	w.refused = &BudgetError{what, limit}
	return w.refused
}

// Refused returns why something could not be spent at last, nil where everything could. It is for who asks
// whether a value is of some kind, and learns only that it could not be found out.
func (w *Budget) Refused() error {
	switch {
	case w == nil:
		return nil
	case w.err != nil:
		return w.err
	}
	return w.refused
}

// fail ends all spending.
func (w *Budget) fail(err error) {
	if w != nil && w.err == nil {
		w.err = err
	}
}

// Mark is what was there at one time, for Free.
type Mark struct{ values, bytes int64 }

// Mark returns what is there now.
func (w *Budget) Mark() Mark {
	if w == nil {
		return Mark{}
	}
	return Mark{w.values, w.bytes}
}

// Free counts off what was made since m, because nobody needs it any more. The steps stay counted.
func (w *Budget) Free(m Mark) {
	if w == nil {
		return
	}
	w.values, w.bytes = m.values, m.bytes
	if keep := (w.bytes + poolShare - 1) / poolShare * poolShare; w.reserved > keep+poolShare {
		w.pool.used.Add(keep - w.reserved)
		w.reserved = keep
	}
}

// since returns what was made since m.
func (w *Budget) since(m Mark) Mark {
	now := w.Mark()
	return Mark{now.values - m.values, now.bytes - m.bytes}
}

// giveBack counts off what since returned; what else was made meanwhile stays counted.
func (w *Budget) giveBack(made Mark) {
	now := w.Mark()
	w.Free(Mark{now.values - made.values, now.bytes - made.bytes})
}

// Close gives back what was taken from the pool. The Budget must not be used any more.
func (w *Budget) Close() {
	if w != nil && w.reserved > 0 {
		w.pool.used.Add(-w.reserved)
		w.reserved = 0
	}
}

var _ pickle.Meter = (*Budget)(nil)
