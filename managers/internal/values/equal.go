package values

import (
	"bytes"
	"unsafe"

	"mpbridge/pickle"
)

// Equal returns a == b. The error is a RecursionError, or that of a comparison which Python
// refuses.
func Equal(a, b any) (bool, error) { return (*Budget)(nil).Equal(a, b) }

// Equal is the function Equal within the budget.
func (w *Budget) Equal(a, b any) (bool, error) {
	switch a := a.(type) {
	case string:
		if b, ok := b.(string); ok {
			return a == b, nil
		}
	case int64:
		if b, ok := b.(int64); ok {
			return a == b, nil
		}
	case float64:
		if b, ok := b.(float64); ok {
			return a == b, nil
		}
	}
	c := comparer{budget: w}
	return c.equal(a, b)
}

// comparer compares two values step by step.
type comparer struct {
	budget *Budget
	depth  int
	steps  int
	// same holds pairs found equal, so that what is shared is compared once. It is kept once there
	// were many steps: few values share anything.
	same map[[2]ident]struct{}
	// begun holds pairs of objects that are being compared.
	begun map[[2]ident]bool
}

// fewSteps is how many containers are compared without remembering them.
const fewSteps = 1 << 10

// pairBytes is what remembering a pair takes.
const pairBytes = 64

// ident is what makes a container one object: where it lies in memory.
type ident struct {
	at   unsafe.Pointer
	size int // of a tuple; two of them may begin at one place
}

// identOf returns false for what has no identity of its own.
func identOf(v any) (ident, bool) {
	switch v := v.(type) {
	case *pickle.List:
		return ident{unsafe.Pointer(v), 0}, true
	case *pickle.Dict:
		return ident{unsafe.Pointer(v), 0}, true
	case *pickle.Set:
		return ident{unsafe.Pointer(v), 0}, true
	case *pickle.FrozenSet:
		return ident{unsafe.Pointer(v), 0}, true
	case *pickle.Object:
		return ident{unsafe.Pointer(v), 0}, true
	case pickle.Tuple:
		return ident{unsafe.Pointer(unsafe.SliceData(v)), len(v)}, len(v) > 0
	}
	return ident{}, false
}

func (c *comparer) equal(a, b any) (bool, error) {
	if err := c.look(a, b); err != nil {
		return false, err
	}
	a, b = plain(a), plain(b)
	if same, done := equalScalars(a, b); done {
		return same, nil
	}
	if x, ok := number(a); ok {
		if y, ok := number(b); ok {
			return c.askNumbers(x, y)
		}
		return false, nil
	}
	x, ok := identOf(a)
	y, ok2 := identOf(b)
	if !ok || !ok2 {
		return c.contents(a, b)
	}
	if x == y {
		return true, nil
	}
	if _, known := c.same[[2]ident{x, y}]; known {
		return true, nil
	}
	same, err := c.contents(a, b)
	if same && c.steps > fewSteps {
		if err := c.budget.Make(0, pairBytes); err != nil {
			return false, err
		}
		if c.same == nil {
			c.same = make(map[[2]ident]struct{})
		}
		c.same[[2]ident{x, y}] = struct{}{}
	}
	return same, err
}

// look counts the steps that a and b take by themselves.
func (c *comparer) look(a, b any) error {
	if c.budget == nil {
		return nil
	}
	return c.budget.Step(weight(a) + weight(b))
}

// equalScalars compares what nests in nothing, but for numbers. done is false where a is a number or
// a container.
func equalScalars(a, b any) (same, done bool) {
	switch a := a.(type) {
	case nil:
		return b == nil, true
	case string:
		switch b := b.(type) {
		case string:
			return a == b, true
		case pickle.ByteString:
			return a == string(b) && ascii(a), true
		}
		return equalToText(b)
	case pickle.ByteString:
		switch b := b.(type) {
		case pickle.ByteString:
			return a == b, true
		case string:
			return string(a) == b && ascii(b), true
		case *pickle.ByteArray: // a str of Python 2 is bytes to it
			return string(a) == string(b.Bytes), true
		}
		return equalToText(b)
	case []byte:
		s, ok := bytesOf(b)
		return ok && bytes.Equal(a, s), true
	case *pickle.ByteArray:
		if s, ok := b.(pickle.ByteString); ok {
			return string(a.Bytes) == string(s), true
		}
		s, ok := bytesOf(b)
		return ok && bytes.Equal(a.Bytes, s), true
	case pickle.Global, pickle.Ellipsis, pickle.NotImplemented:
		return comparableType(b) && a == b, true
	}
	return false, false
}

// equalToText is what a str says to anything that is none. An enum whose members are text stays an
// object here, and is no str.
func equalToText(any) (same, done bool) { return false, true }

func comparableType(v any) bool {
	switch v.(type) {
	case pickle.Global, pickle.Ellipsis, pickle.NotImplemented:
		return true
	}
	return false
}

func bytesOf(v any) ([]byte, bool) {
	switch v := v.(type) {
	case []byte:
		return v, true
	case *pickle.ByteArray:
		return v.Bytes, true
	}
	return nil, false
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// down counts a level; the caller takes it back with up.
func (c *comparer) down() error {
	c.steps++
	if c.depth >= maxDepth {
		return tooDeep()
	}
	c.depth++
	return nil
}

func (c *comparer) up() { c.depth-- }

func (c *comparer) contents(a, b any) (bool, error) {
	if err := c.down(); err != nil {
		return false, err
	}
	defer c.up()
	made, err := c.opens(a, b)
	defer c.budget.giveBack(made)
	if err != nil {
		return false, err
	}
	a, b = c.budget.opened(a), c.budget.opened(b)
	switch a := a.(type) {
	case pickle.Tuple:
		b, ok := b.(pickle.Tuple)
		if !ok {
			return false, nil
		}
		// Those of different lengths are compared as far as they go.
		at, err := c.firstDifference(a, b)
		return at == len(a) && at == len(b), err
	case *pickle.List:
		b, ok := b.(*pickle.List)
		if !ok {
			return false, nil
		}
		return c.items(a.Items, b.Items)
	case *pickle.Set, *pickle.FrozenSet:
		return c.budget.equalSets(a, b)
	case pickle.Slice:
		b, ok := b.(pickle.Slice)
		if !ok {
			return false, nil
		}
		return c.items([]any{a.Start, a.Stop, a.Step}, []any{b.Start, b.Stop, b.Step})
	case pickle.Range:
		b, ok := b.(pickle.Range)
		return ok && equalRanges(a, b), nil
	case *pickle.Dict, *pickle.Object:
		return c.objects(a, b)
	}
	return false, nil
}

// opens counts what is made of two objects to look at them.
func (c *comparer) opens(a, b any) (Mark, error) {
	m := c.budget.Mark()
	err := c.budget.opens(a)
	if err == nil {
		err = c.budget.opens(b)
	}
	return c.budget.since(m), err
}

func equalRanges(a, b pickle.Range) bool {
	x, err := pickle.KeyOf(a, pickle.KeyOptions{})
	y, err2 := pickle.KeyOf(b, pickle.KeyOptions{})
	return err == nil && err2 == nil && x == y
}

func (c *comparer) items(a, b []any) (bool, error) {
	if len(a) != len(b) {
		return false, nil
	}
	at, err := c.firstDifference(a, b)
	return at == len(a), err
}

// firstDifference returns the first place where the two differ, or the length of the shorter.
func (c *comparer) firstDifference(a, b []any) (int, error) {
	n := min(len(a), len(b))
	for i := range n {
		same, err := c.equal(a[i], b[i])
		if err != nil || !same {
			return i, err
		}
	}
	return n, nil
}

// dicts compares without regard to order.
func (c *comparer) dicts(a, b *pickle.Dict) (bool, error) {
	if a.Len() != b.Len() {
		return false, nil
	}
	find := finder{budget: c.budget, dict: b}
	for k, v := range a.All() {
		w, found, err := find.get(k)
		if err != nil || !found {
			return false, err
		}
		same, err := c.equal(v, w)
		if err != nil || !same {
			return false, err
		}
	}
	return true, nil
}

// finder finds values by Python's idea of equal keys, which pickle.Dict shares for most keys.
type finder struct {
	budget *Budget
	dict   *pickle.Dict
	index  map[any]any
}

func (f *finder) get(k any) (any, bool, error) {
	switch k.(type) {
	case string, int64:
		if v, ok := f.dict.Get(k); ok {
			return v, true, nil
		}
	}
	if f.index == nil {
		if err := f.build(); err != nil {
			return nil, false, err
		}
	}
	key, err := f.budget.KeyFor(k, DictKey)
	if err != nil {
		return nil, false, err
	}
	v, ok := f.index[key]
	return v, ok, nil
}

func (f *finder) build() error {
	if err := f.budget.MakeEach(f.dict.Len(), partBytes); err != nil {
		return err
	}
	f.index = make(map[any]any, f.dict.Len())
	for k, v := range f.dict.All() {
		key, err := f.budget.KeyFor(k, DictKey)
		if err != nil {
			return err
		}
		f.index[key] = v
	}
	return nil
}

// askNumbers is equalNumbers with the error that signaling NaNs raise.
func (c *comparer) askNumbers(x, y any) (bool, error) {
	if signals(x) || signals(y) {
		_, complexX := x.(complex128)
		if _, complexY := y.(complex128); !complexX && !complexY {
			return false, invalid()
		}
	}
	if err := c.budget.exactly(x, y); err != nil {
		return false, err
	}
	return equalNumbers(x, y), nil
}
