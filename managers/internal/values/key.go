package values

import (
	"errors"

	"mpbridge/pickle"
)

// KeyUse says what a key is for, as far as the text of the TypeError depends on it.
type KeyUse int

// The uses of keys.
const (
	DictKey    KeyUse = iota // d[k], d.get(k), k in d
	SetElement               // s.add(k), s.discard(k); a set inside of none
	SetLookup                // k in s, s.remove(k), where a set k is taken for a frozenset
	Hash                     // hash(k)
)

// KeyFor returns a comparable Go value that is equal for exactly the values that are one dict key
// or set element to Python: that of pickle.KeyOf. What holds a NaN equals nothing, itself included: a Go map never
// finds it. Unhashable values are a TypeError.
func KeyFor(v any, use KeyUse) (any, error) { return (*Budget)(nil).KeyFor(v, use) }

// KeyFor is the function KeyFor within the budget.
func (w *Budget) KeyFor(v any, use KeyUse) (any, error) {
	if err := w.Step(weight(v)); err != nil {
		return nil, err
	}
	switch v.(type) {
	case string, int64:
		return v, nil
	}
	m := w.Mark()
	o := pickle.KeyOptions{SetAsFrozenSet: use == SetLookup, MaxDepth: maxDepth, MaxBytes: maxKey}
	if w != nil {
		o.Meter = w
	}
	k, err := pickle.KeyOf(v, o)
	if err != nil {
		return nil, keyError(v, use, err)
	}
	w.Free(m) // but for the key itself
	return k, w.Make(0, int64(pickle.KeySize(k)))
}

// keyError is what hash(v) raises where KeyOf returned an error, as the use of the key words it.
func keyError(v any, use KeyUse, err error) error {
	if limit := (*pickle.LimitError)(nil); errors.As(err, &limit) {
		if limit.Limit == maxDepth {
			return tooDeep()
		}
		return keyTooLong()
	}
	var none *pickle.UnhashableError
	if !errors.As(err, &none) {
		return err
	}
	reason := "unhashable type: '" + TypeName(none.Value) + "'"
	if none.Signaling {
		reason = "Cannot hash a signaling NaN value"
	}
	switch use {
	case DictKey:
		return typeError("cannot use '%s' as a dict key (%s)", qualified(v), reason)
	case SetElement, SetLookup:
		return typeError("cannot use '%s' as a set element (%s)", qualified(v), reason)
	}
	return typeError("%s", reason)
}
