package values

import (
	"bytes"
	"cmp"
	"strings"

	"mpbridge/pickle"
)

// Op is a comparison.
type Op int

// The comparisons, as in Python's object.h.
const (
	LT Op = iota
	LE
	EQ
	NE
	GT
	GE
)

// String returns the operator.
func (op Op) String() string {
	if op < LT || op > GE {
		return "?"
	}
	return [...]string{"<", "<=", "==", "!=", ">", ">="}[op]
}

// holds tells what op says of the result of a three-way comparison.
func (op Op) holds(c int) bool {
	switch op {
	case LT:
		return c < 0
	case LE:
		return c <= 0
	case EQ:
		return c == 0
	case NE:
		return c != 0
	case GT:
		return c > 0
	default:
		return c >= 0
	}
}

// Compare returns a op b. The error is a TypeError where the two have no order.
func Compare(op Op, a, b any) (bool, error) { return (*Budget)(nil).Compare(op, a, b) }

// Compare is the function Compare within the budget.
func (w *Budget) Compare(op Op, a, b any) (bool, error) {
	switch x := a.(type) {
	case int64:
		if y, ok := b.(int64); ok {
			return op.holds(cmp.Compare(x, y)), nil
		}
	case string:
		if y, ok := b.(string); ok {
			return op.holds(strings.Compare(x, y)), nil
		}
	}
	c := comparer{budget: w}
	return c.compare(op, a, b)
}

func (c *comparer) compare(op Op, a, b any) (bool, error) {
	if op == EQ || op == NE {
		same, err := c.equal(a, b)
		return same == (op == EQ) && err == nil, err
	}
	if err := c.look(a, b); err != nil {
		return false, err
	}
	k, l := a, b // a and b stay what an error names
	a, b = alike(plain(a), plain(b))
	// The order of WTF-8 is that of code points.
	if x, ok := pickle.Text(a); ok {
		if y, ok := pickle.Text(b); ok {
			return op.holds(strings.Compare(x, y)), nil
		}
		return false, unordered(op, k, l)
	}
	if x, ok := bytesOf(a); ok {
		if y, ok := bytesOf(b); ok {
			return op.holds(bytes.Compare(x, y)), nil
		}
		return false, unordered(op, k, l)
	}
	if x, ok := number(a); ok {
		if y, ok := number(b); ok {
			return c.orderNumbers(op, a, b, x, y)
		}
		return false, unordered(op, k, l)
	}
	return c.order(op, a, b)
}

func (c *comparer) orderNumbers(op Op, a, b, x, y any) (bool, error) {
	if isComplex(a) || isComplex(b) {
		return false, unordered(op, a, b)
	}
	if refusesOrder(x, y) {
		return false, invalid()
	}
	if err := c.budget.exactly(x, y); err != nil {
		return false, err
	}
	n, ordered := compareNumbers(x, y)
	return ordered && op.holds(n), nil
}

func isComplex(v any) bool {
	switch v.(type) {
	case complex128, complex64:
		return true
	}
	return false
}

// order compares containers and objects.
func (c *comparer) order(op Op, a, b any) (bool, error) {
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
	switch x := a.(type) {
	case pickle.Tuple:
		if y, ok := b.(pickle.Tuple); ok {
			return c.sequences(op, x, y)
		}
	case *pickle.List:
		if y, ok := b.(*pickle.List); ok {
			return c.sequences(op, x.Items, y.Items)
		}
	case pickle.Slice:
		if y, ok := b.(pickle.Slice); ok {
			return c.sequences(op, []any{x.Start, x.Stop, x.Step}, []any{y.Start, y.Stop, y.Step})
		}
	case *pickle.Set, *pickle.FrozenSet:
		if _, _, ok := setOf(b); ok {
			return c.budget.compareSets(op, a, b)
		}
	case *pickle.Object:
		if y, ok := b.(*pickle.Object); ok {
			return c.orderObjects(op, x, y)
		}
	}
	return false, unordered(op, a, b)
}

// sequences compares the first elements that differ, else the lengths.
func (c *comparer) sequences(op Op, a, b []any) (bool, error) {
	at, err := c.firstDifference(a, b)
	if err != nil {
		return false, err
	}
	if at == len(a) || at == len(b) {
		return op.holds(cmp.Compare(len(a), len(b))), nil
	}
	return c.compare(op, a[at], b[at])
}

func unordered(op Op, a, b any) error {
	return typeError("'%s' not supported between instances of '%s' and '%s'",
		op, TypeName(a), TypeName(b))
}
