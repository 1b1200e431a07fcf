package values

import (
	"iter"

	"mpbridge/pickle"
)

// setOf returns the elements of a set or frozenset.
func setOf(v any) (n int, all iter.Seq[any], ok bool) {
	switch v := v.(type) {
	case *pickle.Set:
		return v.Len(), v.All(), true
	case *pickle.FrozenSet:
		return v.Len(), v.All(), true
	}
	return 0, nil, false
}

func (w *Budget) equalSets(a, b any) (bool, error) {
	n, _, _ := setOf(a)
	m, _, ok := setOf(b)
	if !ok || n != m {
		return false, nil
	}
	return w.subset(a, b)
}

// subset tells whether each element of a is in b.
func (w *Budget) subset(a, b any) (bool, error) {
	n, all, _ := setOf(a)
	m, others, _ := setOf(b)
	if n > m {
		return false, nil
	}
	if x, ok := identOf(a); ok {
		if y, ok := identOf(b); ok && x == y {
			return true, nil
		}
	}
	mark := w.Mark()
	defer w.Free(mark)
	if err := w.MakeEach(m, partBytes); err != nil {
		return false, err
	}
	keys := make(map[any]struct{}, m)
	for v := range others {
		k, err := w.KeyFor(v, SetElement)
		if err != nil {
			return false, err
		}
		keys[k] = struct{}{}
	}
	for v := range all {
		k, err := w.KeyFor(v, SetElement)
		if err != nil {
			return false, err
		}
		if _, found := keys[k]; !found {
			return false, nil
		}
	}
	return true, nil
}

// compareSets orders sets by inclusion.
func (w *Budget) compareSets(op Op, a, b any) (bool, error) {
	n, _, _ := setOf(a)
	m, _, _ := setOf(b)
	switch op {
	case LT:
		if n >= m {
			return false, nil
		}
		return w.subset(a, b)
	case GT:
		if m >= n {
			return false, nil
		}
		return w.subset(b, a)
	case LE:
		return w.subset(a, b)
	default:
		return w.subset(b, a)
	}
}
