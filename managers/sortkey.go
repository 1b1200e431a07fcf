package managers

import (
	"cmp"
	"fmt"
	"math/big"

	"mpbridge/pickle"
)

// sortKey is what a priority queue orders an item by: the item itself, or, where it is a tuple or a
// list, its elements up to the first that Python could not order.
type sortKey []sortPart

// sortPart is one number or text.
type sortPart struct {
	kind sortKind
	num  *big.Float
	text string
}

type sortKind uint8

const (
	sortNumber sortKind = iota + 1
	sortText
	sortBytes
)

// sortKeyOf decodes what an item is ordered by.
func sortKeyOf(r pickle.Raw) (sortKey, error) {
	v, err := r.Any()
	if err != nil {
		return nil, err
	}
	return appendSortKey(nil, v), nil
}

// appendSortKey stops at the first value that has no order: items that differ only behind it keep the
// order in which they were put, where Python would raise a TypeError.
func appendSortKey(key sortKey, v any) sortKey {
	switch v := v.(type) {
	case pickle.Tuple:
		return appendSortKeys(key, v)
	case *pickle.List:
		return appendSortKeys(key, v.Items)
	}
	if p, ok := sortPartOf(v); ok {
		return append(key, p)
	}
	return key
}

// maxSortParts is how many elements of an item are looked at: items that are equal so far keep the order in
// which they were put. A part takes many times what its element does in the pickle.
const maxSortParts = 1000

func appendSortKeys(key sortKey, items []any) sortKey {
	for _, it := range items[:min(len(items), maxSortParts)] {
		p, ok := sortPartOf(it)
		if !ok {
			break
		}
		key = append(key, p)
	}
	return key
}

func sortPartOf(v any) (sortPart, bool) {
	switch v := v.(type) {
	case bool:
		n := int64(0)
		if v {
			n = 1
		}
		return sortPart{kind: sortNumber, num: new(big.Float).SetInt64(n)}, true
	case int64:
		return sortPart{kind: sortNumber, num: new(big.Float).SetInt64(v)}, true
	case *big.Int:
		return sortPart{kind: sortNumber, num: new(big.Float).SetInt(v)}, true
	case float64:
		if v != v {
			return sortPart{}, false
		}
		return sortPart{kind: sortNumber, num: big.NewFloat(v)}, true
	case string:
		return sortPart{kind: sortText, text: v}, true
	case pickle.ByteString:
		return sortPart{kind: sortText, text: string(v)}, true
	case []byte:
		return sortPart{kind: sortBytes, text: string(v)}, true
	}
	return sortPart{}, false
}

// compare orders keys as Python orders tuples: by the first difference, else the shorter first.
func (k sortKey) compare(l sortKey) int {
	for i := range min(len(k), len(l)) {
		if k[i].kind != l[i].kind {
			return cmp.Compare(k[i].kind, l[i].kind)
		}
		c := cmp.Compare(k[i].text, l[i].text)
		if k[i].kind == sortNumber {
			c = k[i].num.Cmp(l[i].num)
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// fits tells whether Python could order an item with this key among items with keys like l: numbers
// with numbers, text with text.
func (k sortKey) fits(l sortKey) error {
	if len(k) == 0 || len(l) == 0 || k[0].kind == l[0].kind {
		return nil
	}
	return Raise(ErrTypeError, fmt.Sprintf(
		"'<' not supported between instances of %s and %s", k[0].kind, l[0].kind))
}

// String is the kind as Python's TypeError names it.
func (k sortKind) String() string {
	return [...]string{"?", "'float'", "'str'", "'bytes'"}[k]
}
