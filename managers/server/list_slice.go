package server

import (
	"fmt"
	"slices"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// What a list does with an index or a slice, and with a factor.

func (l *list) callGetitem(c *Call) (any, error) {
	i, s, isSlice, err := c.subscript(0, "list")
	if err != nil {
		return nil, err
	}
	l.mu.RLock()
	if isSlice {
		cells, err := c.sliced(l.items, s)
		l.mu.RUnlock()
		if err != nil {
			return nil, err
		}
		return c.presentAll(cells)
	}
	cell := any(nil)
	if i, err = resolve(i, len(l.items), "list index out of range"); err == nil {
		cell = l.items[i]
	}
	l.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	return c.present(cell)
}

func (l *list) callSetitem(c *Call) (any, error) {
	i, s, isSlice, err := c.subscript(0, "list")
	if err != nil {
		return nil, err
	}
	if isSlice {
		return nil, l.assign(c, s, c.Value(1))
	}
	cell, err := c.store(c.Value(1))
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	if i, err = resolve(i, len(l.items), "list assignment index out of range"); err == nil {
		cell, l.items[i] = l.items[i], cell
		l.changes++
	}
	l.mu.Unlock()
	drop(cell)
	return nil, err
}

// assign is l[s] = iterable.
func (l *list) assign(c *Call, s pickle.Slice, r pickle.Raw) error {
	cells, err := c.storeAll(r)
	if err != nil {
		return assignError(err)
	}
	l.mu.Lock()
	old, err := l.replace(s, cells)
	l.mu.Unlock()
	if err != nil {
		old = cells
	}
	drop(old...)
	return err
}

// replace puts cells in place of a slice and returns what was there.
func (l *list) replace(s pickle.Slice, cells []any) (old []any, err error) {
	start, stop, step, count, err := values.SliceIndices(s, len(l.items))
	if err != nil {
		return nil, err
	}
	l.changes++
	if step == 1 {
		if len(cells) > maxItems-len(l.items) {
			return nil, errTooMany
		}
		stop = max(start, stop)
		old = slices.Clone(l.items[start:stop])
		l.items = slices.Replace(l.items, start, stop, cells...)
		return old, nil
	}
	if len(cells) != count {
		return nil, managers.ErrValueError.New(fmt.Sprintf(
			"attempt to assign sequence of size %d to extended slice of size %d", len(cells), count))
	}
	for k, cell := range cells {
		at := start + k*step
		old = append(old, l.items[at])
		l.items[at] = cell
	}
	return old, nil
}

func (l *list) callDelitem(c *Call) (any, error) {
	i, s, isSlice, err := c.subscript(0, "list")
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	var old []any
	if isSlice {
		old, err = l.remove(s)
	} else if i, err = resolve(i, len(l.items), "list assignment index out of range"); err == nil {
		old = []any{l.items[i]}
		l.items = slices.Delete(l.items, i, i+1)
		l.changes++
	}
	l.mu.Unlock()
	drop(old...)
	return nil, err
}

// remove takes a slice out.
func (l *list) remove(s pickle.Slice) (old []any, err error) {
	start, _, step, count, err := values.SliceIndices(s, len(l.items))
	if err != nil || count == 0 {
		return nil, err
	}
	l.changes++
	if step < 0 {
		start, step = start+(count-1)*step, -step
	}
	kept := l.items[:start]
	for i := start; i < len(l.items); i++ {
		if (i-start)%step == 0 && len(old) < count {
			old = append(old, l.items[i])
		} else {
			kept = append(kept, l.items[i])
		}
	}
	clear(l.items[len(kept):])
	l.items = kept
	return old, nil
}

func (l *list) callGetslice(c *Call) (any, error) {
	s, err := c.slice2()
	if err != nil {
		return nil, err
	}
	l.mu.RLock()
	cells, err := c.sliced(l.items, s)
	l.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	return c.presentAll(cells)
}

func (l *list) callSetslice(c *Call) (any, error) {
	s, err := c.slice2()
	if err != nil {
		return nil, err
	}
	return nil, l.assign(c, s, c.Value(2))
}

func (l *list) callDelslice(c *Call) (any, error) {
	s, err := c.slice2()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	old, err := l.remove(s)
	l.mu.Unlock()
	drop(old...)
	return nil, err
}

func (l *list) callAdd(c *Call) (any, error) {
	v, err := c.open(c.Value(0))
	if err != nil {
		return nil, err
	}
	more, isList := values.ListItems(v)
	if !isList {
		if _, ok := c.listProxy(c.Value(0)); !ok {
			return nil, managers.ErrTypeError.New(fmt.Sprintf(
				"can only concatenate list (not %q) to list", values.TypeName(v)))
		}
	}
	out, err := c.presentAll(l.cells())
	if err != nil {
		return nil, err
	}
	if err := c.budget().MakeEach(len(out.Items), values.ValueBytes/2); err != nil {
		return nil, err // appending copies
	}
	if isList {
		out.Items = append(out.Items, more...)
		return out, nil
	}
	other, _ := c.listProxy(c.Value(0))
	rest, err := c.presentAll(other.cells())
	if err != nil {
		return nil, err
	}
	out.Items = append(out.Items, rest.Items...)
	return out, nil
}

// listProxy returns the list that r is a proxy of.
func (c *Call) listProxy(r pickle.Raw) (*list, bool) {
	e := c.referent(r)
	if e == nil {
		return nil, false
	}
	l, ok := e.object.(*list)
	return l, ok
}

// repeated returns the cells n times over.
func (c *Call) repeated(cells []any, n int) ([]any, error) {
	if n <= 0 || len(cells) == 0 {
		return nil, nil
	}
	if n > maxItems/len(cells) {
		return nil, errTooMany
	}
	if err := c.budget().MakeEach(n*len(cells), values.ValueBytes/2); err != nil {
		return nil, err
	}
	return slices.Repeat(cells, n), nil
}

func (l *list) callMul(c *Call) (any, error) {
	n, err := c.factor(0)
	if err != nil {
		return nil, err
	}
	cells, err := c.repeated(l.cells(), n)
	if err != nil {
		return nil, err
	}
	return c.presentAll(cells)
}

// callImul returns the whole list, as the method that it stands for does.
func (l *list) callImul(c *Call) (any, error) {
	n, err := c.factor(0)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	old := l.items
	items, err := c.repeated(old, n)
	if err == nil {
		l.items = items
		l.changes++
	}
	l.mu.Unlock()
	if err != nil {
		return nil, err
	}
	hold(items)
	drop(old...)
	return c.presentAll(l.cells())
}
