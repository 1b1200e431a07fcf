package server

import (
	"fmt"
	"slices"
	"sync"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// list is a Python list whose elements stay pickled: Objects/listobject.c.
type list struct {
	mu      sync.RWMutex // never held while an element is opened, compared or shown
	items   []any        // cells
	changes uint64       // grows with each change
}

var listMethods = Methods[*list]{
	"__add__":      builtin(everyone, "list.__add__", (*list).callAdd, 1, 1),
	"__contains__": builtin(everyone, "list.__contains__", (*list).callContains, 1, 1),
	"__delitem__":  builtin(workers, "list.__delitem__", (*list).callDelitem, 1, 1),
	"__delslice__": builtin(workers, "list.__delslice__", (*list).callDelslice, 2, 2).Hidden(),
	"__getitem__":  builtin(everyone, "list.__getitem__", (*list).callGetitem, 1, 1),
	"__getslice__": builtin(everyone, "list.__getslice__", (*list).callGetslice, 2, 2).Hidden(),
	"__imul__":     builtin(workers, "list.__imul__", (*list).callImul, 1, 1),
	"__len__":      builtin(everyone, "list.__len__", (*list).callLen, 0, 0),
	"__mul__":      builtin(everyone, "list.__mul__", (*list).callMul, 1, 1),
	"__reversed__": builtin(everyone, "list.__reversed__", (*list).callReversed, 0, 0),
	"__rmul__":     builtin(everyone, "list.__rmul__", (*list).callMul, 1, 1),
	"__setitem__":  builtin(workers, "list.__setitem__", (*list).callSetitem, 2, 2),
	"__setslice__": builtin(workers, "list.__setslice__", (*list).callSetslice, 3, 3).Hidden(),
	"append":       builtin(workers, "list.append", (*list).callAppend, 1, 1),
	"clear":        builtin(workers, "list.clear", (*list).callClear, 0, 0),
	"copy":         builtin(everyone, "list.copy", (*list).callCopy, 0, 0),
	"count":        builtin(everyone, "list.count", (*list).callCount, 1, 1),
	"extend":       builtin(workers, "list.extend", (*list).callExtend, 1, 1),
	"index":        builtin(everyone, "list.index", (*list).callIndex, 1, 3),
	"insert":       builtin(workers, "list.insert", (*list).callInsert, 2, 2),
	"pop":          builtin(workers, "list.pop", (*list).callPop, 0, 1),
	"remove":       builtin(workers, "list.remove", (*list).callRemove, 1, 1),
	"reverse":      builtin(workers, "list.reverse", (*list).callReverse, 0, 0),
	"sort":         Def(workers, "list.sort", (*list).callSort, 0, "cmp", "key", "reverse"),
}

var listClass = describe(description[*list]{
	kind: "list", methods: listMethods, value: everyone, saved: saveContents,
	observe: unobserved[*list],
	typeid:  "list", create: listType(),
	flag: Flag{"list", "NAME[=JSON]", "a list"},
})

// Methods lists what clients may call.
func (*list) Methods() []string { return listClass.listed }

// Call answers one call.
func (l *list) Call(c *Call) (any, error) { return listMethods.Call(l, c) }

func (*list) class() *class { return listClass }

func (l *list) eachStored(f func(*storedValue)) { eachStoredOf(l.cells(), f) }

// cells returns a copy of the list as it is now.
func (l *list) cells() []any { return l.head(maxItems) }

// head returns a copy of up to n elements.
func (l *list) head(n int) []any {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Clone(l.items[:min(n, len(l.items))])
}

// taken is a copy of the list for a call that is going to look at its elements, and which of the list's
// changes it is a copy of.
func (l *list) taken(c *Call) (cells []any, at uint64, err error) {
	if err := c.budget().MakeEach(l.size(), values.ValueBytes/2); err != nil {
		return nil, 0, err
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Clone(l.items), l.changes, nil
}

// copyBy returns the list as a value.
func (l *list) copyBy(p *presenter) (any, func() error) {
	out := &pickle.List{}
	return out, func() error {
		return p.fill(out, l.cells())
	}
}

// Value returns the list as a value.
func (l *list) Value(c *Call) (any, error) { return c.valueOf(l) }

func (l *list) repr(p printer) (string, error) {
	items, err := p.elements(l.head(p.most()))
	if err != nil {
		return "", err
	}
	return p.text(&pickle.List{Items: items})
}

func (l *list) size() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return len(l.items)
}

func (l *list) callLen(*Call) (any, error) { return int64(l.size()), nil }

func (l *list) callAppend(c *Call) (any, error) {
	cell, err := c.store(c.Value(0))
	if err != nil {
		return nil, err
	}
	return nil, l.insert([]any{cell}, func(int) int { return maxItems })
}

// insert puts cells before the place that at returns for the list's length.
func (l *list) insert(cells []any, at func(n int) int) error {
	l.mu.Lock()
	if len(cells) > maxItems-len(l.items) {
		l.mu.Unlock()
		drop(cells...)
		return errTooMany
	}
	l.changes++
	if i := at(len(l.items)); i >= len(l.items) {
		l.items = append(l.items, cells...)
	} else {
		l.items = slices.Insert(l.items, i, cells...)
	}
	l.mu.Unlock()
	return nil
}

func (l *list) callExtend(c *Call) (any, error) {
	cells, err := c.storeAll(c.Value(0))
	if err != nil {
		return nil, err
	}
	return nil, l.insert(cells, func(int) int { return maxItems })
}

func (l *list) callInsert(c *Call) (any, error) {
	i, err := c.number(0)
	if err != nil {
		return nil, err
	}
	cell, err := c.store(c.Value(1))
	if err != nil {
		return nil, err
	}
	return nil, l.insert([]any{cell}, func(n int) int {
		if i < 0 {
			return max(i+n, 0)
		}
		return i
	})
}

func (l *list) callClear(*Call) (any, error) {
	l.mu.Lock()
	old := l.items
	l.items = nil
	l.changes++
	l.mu.Unlock()
	drop(old...)
	return nil, nil
}

func (l *list) callPop(c *Call) (any, error) {
	i := -1
	if c.Given(0) {
		var err error
		if i, err = c.number(0); err != nil {
			return nil, err
		}
	}
	l.mu.Lock()
	n := len(l.items)
	if i < 0 {
		i += n
	}
	if i < 0 || i >= n {
		l.mu.Unlock()
		if n == 0 {
			return nil, managers.ErrIndexError.New("pop from empty list")
		}
		return nil, managers.ErrIndexError.New("pop index out of range")
	}
	cell := l.items[i]
	l.items = slices.Delete(l.items, i, i+1)
	l.changes++
	l.mu.Unlock()
	defer drop(cell)
	return c.present(cell)
}

// find returns the place of the first of the cells that equals v, or -1.
func (c *Call) find(cells []any, v any) (int, error) {
	o := c.opener()
	for i, cell := range cells {
		same, err := o.equalCell(cell, v)
		if err != nil || same {
			return i, err
		}
	}
	return -1, nil
}

func (l *list) callRemove(c *Call) (any, error) {
	return nil, c.removeFrom(l, func(any) error {
		return managers.ErrValueError.New("list.remove(x): x not in list")
	})
}

// removeAt takes an element out, unless the list has changed meanwhile.
func (l *list) removeAt(i int, at uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changes != at {
		return false
	}
	l.items = slices.Delete(l.items, i, i+1)
	l.changes++
	return true
}

func (l *list) callIndex(c *Call) (any, error) {
	v, err := c.argument(c.Value(0))
	if err != nil {
		return nil, err
	}
	start, stop, err := c.bounds(1, 2)
	if err != nil {
		return nil, err
	}
	i, err := c.findIn(l, v, start, stop)
	if err == nil && i < 0 {
		err = managers.ErrValueError.New("list.index(x): x not in list")
	}
	return int64(i), err
}

// bounds reads the optional arguments start and stop of index.
func (c *Call) bounds(i, j int) (start, stop int, err error) {
	stop = maxItems
	if c.Given(i) {
		start, err = c.sliceBound(i)
	}
	if err == nil && c.Given(j) {
		stop, err = c.sliceBound(j)
	}
	return start, stop, err
}

// place turns a bound that may count from the end into one that does not.
func place(i, n int) int {
	if i < 0 {
		return max(i+n, 0)
	}
	return i
}

func (l *list) callCount(c *Call) (any, error) { return c.countIn(l) }

func (l *list) callContains(c *Call) (any, error) { return c.containedIn(l) }

func (l *list) callReverse(*Call) (any, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.Reverse(l.items)
	l.changes++
	return nil, nil
}

// callSort orders the list. What cannot be ordered leaves it as it was.
func (l *list) callSort(c *Call) (any, error) {
	if err := c.sortArguments(); err != nil {
		return nil, err
	}
	reverse, err := c.Truth(2, false)
	if err != nil {
		return nil, err
	}
	if l.sortShort(reverse) {
		return nil, nil
	}
	for range sortTries {
		m := c.budget().Mark()
		cells, at, err := l.taken(c)
		if err != nil {
			return nil, err
		}
		sorted, err := c.sorted(cells, reverse)
		if err != nil {
			return nil, err
		}
		if l.become(sorted, at) {
			return nil, nil
		}
		c.budget().Free(m)
	}
	return nil, managers.ErrValueError.New("list modified during sort")
}

// sortArguments refuses what list.sort of the client's Python refuses, and functions to sort by.
func (c *Call) sortArguments() error {
	if !c.Dialect().NativeBytes { // Python 3 has no cmp, and names the others
		if len(c.Args()) > 0 {
			return managers.ErrTypeError.New("sort() takes no positional arguments")
		}
		if c.Given(0) {
			return managers.ErrTypeError.New("sort() got an unexpected keyword argument 'cmp'")
		}
	}
	for i, name := range []string{"cmp", "key"} {
		if !c.Value(i).IsNone() {
			return managers.ErrNotImplemented.New(fmt.Sprintf(
				"this server runs no Python code: sort(%s=...) cannot be called", name))
		}
	}
	return nil
}

// sortTries is how often a list is sorted that others change while it is: CPython gives up at once.
const sortTries = 8

// sortedAtOnce is how many elements are sorted while others wait for the list.
const sortedAtOnce = 1 << 12

// sortShort sorts a short list of short elements.
func (l *list) sortShort(reverse bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.items) > sortedAtOnce || slices.ContainsFunc(l.items, isStoredValue) {
		return false
	}
	order, err := values.SortedPermutation(l.items, reverse)
	if err != nil {
		return false // it will come again
	}
	l.items = permuted(l.items, order)
	l.changes++
	return true
}

func isStoredValue(cell any) bool {
	_, ok := cell.(*storedValue)
	return ok
}

func permuted(cells []any, order []int) []any {
	sorted := make([]any, len(order))
	for i, from := range order {
		sorted[i] = cells[from]
	}
	return sorted
}

// sorted returns cells in order.
func (c *Call) sorted(cells []any, reverse bool) ([]any, error) {
	vs, err := c.opener().decodeCells(cells)
	if err != nil {
		return nil, err
	}
	order, err := c.budget().SortedPermutation(vs, reverse)
	if err != nil {
		return nil, err
	}
	return permuted(cells, order), nil
}

// become puts cells in place of all elements, unless the list has changed meanwhile.
func (l *list) become(cells []any, at uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changes != at {
		return false
	}
	l.items = cells
	l.changes++
	return true
}

func (l *list) callCopy(c *Call) (any, error) { return c.presentAll(l.cells()) }

// callReversed returns what pickle makes of a list_reverseiterator.
func (l *list) callReversed(c *Call) (any, error) {
	out, err := c.presentAll(l.cells())
	return reversedIterator(out, c.Dialect()), err
}

func listType() Type {
	sig := &Signature{Name: "list", Params: make([]string, 1), builtin: true}
	return Type{New: func(c *Call) (Object, error) {
		if err := c.Bind(sig); err != nil {
			return nil, err
		}
		l := &list{}
		if c.Given(0) {
			var err error
			if l.items, err = c.storeAll(c.Value(0)); err != nil {
				return nil, err
			}
		}
		return l, nil
	}}
}

func (*list) kind() string { return "list" }

func (l *list) capture() writing { return cellWriting("append", l.cells()) }

func (l *list) reset() {
	l.mu.Lock()
	old := l.items
	l.items = nil
	l.changes++
	l.mu.Unlock()
	drop(old...)
}
