package server

import (
	"maps"
	"slices"
	"strconv"
)

// A queue of a family is as well worth saving when it is empty and clients have proxies of it: they go on
// with the next server, which is told how many there are, and by which keys. The first record is of the key
// that made the queue, in whose share it stays.

// use is how many references clients with one key have.
type use struct {
	key  string
	refs int
}

// uses returns who uses a member, its maker first; nil for all else, and where nobody does.
func (e *entry) uses() (out []use) {
	if e.member == nil {
		return nil
	}
	e.table.mu.RLock()
	defer e.table.mu.RUnlock()
	if e.refs == 0 {
		return nil
	}
	out = append(out, use{e.share.key, e.of[e.share.key]})
	for _, key := range slices.Sorted(maps.Keys(e.of)) {
		if key != e.share.key && e.of[key] > 0 {
			out = append(out, use{key, e.of[key]})
		}
	}
	return out
}

// empty reports whether there is nothing of a member to save but who uses it.
func (e *entry) empty() bool {
	q := engineOf(e.object)
	return e.member != nil && q != nil && q.Empty()
}

func (w *recordWriter) uses(all []use) error {
	for _, u := range all {
		err := w.write(recordUse, []byte(u.key), strconv.AppendInt(nil, int64(u.refs), 10))
		if err != nil {
			return err
		}
	}
	return nil
}

// restoreUse takes up what uses wrote. It returns false for what cannot be true.
func (t *objects) restoreUse(e *entry, key string, refs string) bool {
	n, err := strconv.Atoi(refs)
	if err != nil || n < 0 || e == nil || e.member == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if n > t.limits.MaxReferences-e.refs {
		return false
	}
	if e.refs == 0 && len(e.of) == 0 { // the maker
		t.discharge(e)
		t.charge(e, key)
	}
	e.refs += n
	e.of[key] += n
	t.changed(e)
	return true
}
