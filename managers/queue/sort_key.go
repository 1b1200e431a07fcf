package queue

import (
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// SortKey is what a priority queue keeps of an item's value to compare it by: the value itself where that takes
// next to nothing, else the elements that it begins with. What neither tells is decoded again where two items
// are compared.
type SortKey struct {
	whole bool
	value any // all of it, where it is whole
	list  bool
	head  []any // the first elements of a tuple, or of a list
}

const (
	// smallRank is how many values, of few bytes each, are kept of an item.
	smallRank = 12
	// smallText is how long text may be that is kept.
	smallText = 64
)

// NewSortKey makes the key of a decoded item. It keeps little of it.
func NewSortKey(v any) *SortKey {
	if left := smallRank; small(v, &left) {
		return &SortKey{whole: true, value: v}
	}
	k := new(SortKey)
	items, _ := v.(pickle.Tuple)
	if l, ok := v.(*pickle.List); ok {
		items, k.list = l.Items, true
	}
	left := smallRank
	for _, it := range items {
		if !small(it, &left) {
			break
		}
		k.head = append(k.head, it)
	}
	return k
}

// small reports whether a value, with those in it, is one of at most left that take few bytes.
func small(v any, left *int) bool {
	if *left--; *left < 0 {
		return false
	}
	switch v := v.(type) {
	case nil, bool, int64, float64:
		return true
	case string:
		return len(v) <= smallText
	case pickle.ByteString:
		return len(v) <= smallText
	case []byte:
		return len(v) <= smallText
	case pickle.Tuple:
		return smallAll(v, left)
	case *pickle.List:
		return smallAll(v.Items, left)
	case pickle.Global:
		return len(v.Module)+len(v.Name) <= smallText
	case *pickle.Object:
		return v.Kwargs == nil && v.Setter == nil && len(v.Items)+len(v.Pairs) == 0 &&
			small(v.Class, left) && small(v.Args, left) && small(v.State, left)
	}
	return false
}

func smallAll(items []any, left *int) bool {
	for _, v := range items {
		if !small(v, left) {
			return false
		}
	}
	return true
}

// parts are the elements that are known of a tuple, or of a list; ok is false for what is neither.
func (k *SortKey) parts() (items []any, list, ok bool) {
	if !k.whole {
		return k.head, k.list, len(k.head) > 0
	}
	switch v := k.value.(type) {
	case pickle.Tuple:
		return v, false, true
	case *pickle.List:
		return v.Items, true, true
	}
	return nil, false, false
}

// compare reports whether an item is less than another, in the order of package values.
func (p *priority) compare(a, b *item) (bool, error) {
	if a.Key.whole && b.Key.whole {
		x, isInt := a.Key.value.(int64)
		if y, ok := b.Key.value.(int64); ok && isInt {
			return x < y, nil
		}
		return p.budget().Compare(values.LT, a.Key.value, b.Key.value)
	}
	if less, done, err := p.compareHeads(a.Key, b.Key); done || err != nil {
		return less, err
	}
	m := p.budget().Mark()
	defer p.budget().Free(m)
	x, err := p.decode(a)
	if err != nil {
		return false, err
	}
	y, err := p.decode(b)
	if err != nil {
		return false, err
	}
	return p.budget().Compare(values.LT, x, y)
}

// compareHeads compares by the first elements that differ; done is false where those that are known do not.
func (p *priority) compareHeads(a, b *SortKey) (less, done bool, err error) {
	x, list, ok1 := a.parts()
	y, list2, ok2 := b.parts()
	if !ok1 || !ok2 || list != list2 {
		return false, false, nil
	}
	for i := range min(len(x), len(y)) {
		same, err := p.budget().Equal(x[i], y[i])
		if err != nil {
			return false, false, err
		}
		if !same {
			less, err = p.budget().Compare(values.LT, x[i], y[i])
			return less, true, err
		}
	}
	return false, false, nil
}

// decode returns the value of an item.
func (p *priority) decode(it *item) (any, error) {
	if it.Key.whole {
		return it.Key.value, nil
	}
	o := p.decoding
	o.Meter = p.budget()
	return it.Raw.WithOptions(&o).Any()
}
