package server

import (
	"fmt"
	"slices"
	"strconv"
	"sync"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// deque is a collections.deque whose elements stay pickled: Modules/_collectionsmodule.c.
type deque struct {
	maxlen int // -1: none

	mu      sync.RWMutex // never held while an element is opened, compared or shown
	room    []any        // before the first element there may be free places: rotating and appendleft use them
	first   int          // where the elements begin
	changes uint64       // grows with each change
}

var dequeMethods = Methods[*deque]{
	"__add__":      builtin(everyone, "deque.__add__", (*deque).callAdd, 1, 1),
	"__contains__": builtin(everyone, "deque.__contains__", (*deque).callContains, 1, 1),
	"__copy__":     builtin(everyone, "deque.__copy__", (*deque).callCopy, 0, 0),
	"__delitem__":  builtin(workers, "deque.__delitem__", (*deque).callDelitem, 1, 1),
	"__getitem__":  builtin(everyone, "deque.__getitem__", (*deque).callGetitem, 1, 1),
	"__imul__":     builtin(workers, "deque.__imul__", (*deque).callImul, 1, 1),
	"__len__":      builtin(everyone, "deque.__len__", (*deque).callLen, 0, 0),
	"__mul__":      builtin(everyone, "deque.__mul__", (*deque).callMul, 1, 1),
	"__reversed__": builtin(everyone, "deque.__reversed__", (*deque).callReversed, 0, 0),
	"__rmul__":     builtin(everyone, "deque.__rmul__", (*deque).callMul, 1, 1),
	"__setitem__":  builtin(workers, "deque.__setitem__", (*deque).callSetitem, 2, 2),
	"append":       builtin(workers, "deque.append", (*deque).callAppend, 1, 1),
	"appendleft":   builtin(workers, "deque.appendleft", (*deque).callAppendleft, 1, 1),
	"clear":        builtin(workers, "deque.clear", (*deque).callClear, 0, 0),
	"copy":         builtin(everyone, "deque.copy", (*deque).callCopy, 0, 0),
	"count":        builtin(everyone, "deque.count", (*deque).callCount, 1, 1),
	"extend":       builtin(workers, "deque.extend", (*deque).callExtend, 1, 1),
	"extendleft":   builtin(workers, "deque.extendleft", (*deque).callExtendleft, 1, 1),
	"index":        builtin(everyone, "deque.index", (*deque).callIndex, 1, 3),
	"insert":       builtin(workers, "deque.insert", (*deque).callInsert, 2, 2),
	"pop":          builtin(workers, "deque.pop", (*deque).callPop, 0, 0),
	"popleft":      builtin(workers, "deque.popleft", (*deque).callPopleft, 0, 0),
	"remove":       builtin(workers, "deque.remove", (*deque).callRemove, 1, 1),
	"reverse":      builtin(workers, "deque.reverse", (*deque).callReverse, 0, 0),
	"rotate":       builtin(workers, "deque.rotate", (*deque).callRotate, 0, 1),
}

var dequeClass = describe(description[*deque]{
	kind: "deque", methods: dequeMethods, value: everyone, saved: saveContents,
	observe: unobserved[*deque],
	typeid:  "deque", create: Type{New: newDeque},
	flag: Flag{"deque", "NAME[=JSON]", "a deque, a list with two ends"},
})

// newDeque is deque(iterable=(), maxlen=None).
func newDeque(c *Call) (Object, error) {
	if err := c.Bind(&Signature{Name: "deque", Params: []string{"iterable", "maxlen"}}); err != nil {
		return nil, err
	}
	d := &deque{maxlen: -1}
	if c.Given(1) && !c.Value(1).IsNone() {
		var err error
		if d.maxlen, err = c.number(1); err != nil {
			return nil, err
		}
		if d.maxlen < 0 {
			return nil, managers.ErrValueError.New("maxlen must be non-negative")
		}
	}
	if !c.Given(0) {
		return d, nil
	}
	cells, err := c.storeAll(c.Value(0))
	if err != nil {
		return nil, err
	}
	return d, d.extend(cells, false)
}

// Methods lists what clients may call.
func (*deque) Methods() []string { return dequeClass.listed }

// Call answers one call.
func (d *deque) Call(c *Call) (any, error) { return dequeMethods.Call(d, c) }

func (*deque) class() *class { return dequeClass }

func (d *deque) kind() string { return "deque " + strconv.Itoa(d.maxlen) }

func (d *deque) capture() writing { return cellWriting("append", d.cells()) }

func (d *deque) reset() { drop(d.become(nil)...) }

func (d *deque) eachStored(f func(*storedValue)) { eachStoredOf(d.cells(), f) }

// items are the elements. The caller holds mu, and for changes of them writes.
func (d *deque) items() []any { return d.room[d.first:] }

// cells returns a copy of the deque as it is now.
func (d *deque) cells() []any { return d.head(maxItems) }

// head returns a copy of up to n elements.
func (d *deque) head(n int) []any {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Clone(d.items()[:min(n, len(d.items()))])
}

// taken is a copy of the deque for a call that is going to look at its elements, and which of the deque's
// changes it is a copy of.
func (d *deque) taken(c *Call) (cells []any, at uint64, err error) {
	if err := c.budget().MakeEach(d.size(), values.ValueBytes/2); err != nil {
		return nil, 0, err
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Clone(d.items()), d.changes, nil
}

// dequeValue is a deque as Python pickles one, more or less: it is made of a list.
func (d *deque) dequeValue(items *pickle.List) *pickle.Object {
	o := &pickle.Object{
		Kind: pickle.Reduce, Class: pickle.Global{Module: "collections", Name: "deque"}, Args: pickle.Tuple{items},
	}
	if d.maxlen >= 0 {
		o.Args = pickle.Tuple{items, int64(d.maxlen)}
	}
	return o
}

// copyBy returns the deque as a value.
func (d *deque) copyBy(p *presenter) (any, func() error) {
	items := &pickle.List{}
	return d.dequeValue(items), func() error { return p.fill(items, d.cells()) }
}

// Value returns the deque as a value.
func (d *deque) Value(c *Call) (any, error) { return c.valueOf(d) }

func (d *deque) repr(p printer) (string, error) {
	items, err := p.elements(d.head(p.most()))
	if err != nil {
		return "", err
	}
	text, err := p.text(&pickle.List{Items: items})
	if d.maxlen >= 0 {
		return fmt.Sprintf("deque(%s, maxlen=%d)", text, d.maxlen), err
	}
	return "deque(" + text + ")", err
}

func (d *deque) size() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return len(d.items())
}

// extend adds cells at the end, or one after the other at the front. What does not fit any more goes at the other end.
func (d *deque) extend(cells []any, left bool) error {
	d.mu.Lock()
	if d.maxlen < 0 && len(cells) > maxItems-len(d.items()) {
		d.mu.Unlock()
		drop(cells...)
		return errTooMany
	}
	d.changes++
	if left {
		cells = slices.Clone(cells)
		slices.Reverse(cells)
		d.prepend(cells)
	} else {
		d.room = append(d.room, cells...)
	}
	gone := d.overflow(left)
	d.mu.Unlock()
	drop(gone...)
	return nil
}

// prepend puts cells before the first element. The caller holds mu.
func (d *deque) prepend(cells []any) {
	if len(cells) > d.first {
		free := len(cells) + len(d.items()) + 8 // so that many such calls copy each element a few times in all
		room := make([]any, free, free+len(d.items()))
		d.room, d.first = append(room, d.items()...), free
	}
	d.first -= len(cells)
	copy(d.room[d.first:], cells)
}

// overflow takes out what is beyond maxlen: at the end, or where the end grew at the front. The caller holds mu.
func (d *deque) overflow(atEnd bool) (gone []any) {
	n := len(d.items()) - d.maxlen
	if d.maxlen < 0 || n <= 0 {
		return nil
	}
	if !atEnd {
		return d.shift(n)
	}
	at := len(d.room) - n
	gone = slices.Clone(d.room[at:])
	clear(d.room[at:])
	d.room = d.room[:at]
	return gone
}

// shift takes the first n elements out. The caller holds mu.
func (d *deque) shift(n int) (gone []any) {
	gone = slices.Clone(d.items()[:n])
	clear(d.items()[:n])
	d.first += n
	if d.first > 2*len(d.items())+64 { // most of the room is empty
		d.room, d.first = slices.Clone(d.items()), 0
	}
	return gone
}

// become puts cells in place of all elements, which it returns.
func (d *deque) become(cells []any) (old []any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	old = d.items()
	d.room, d.first = cells, 0
	d.changes++
	return old
}

func (d *deque) callLen(*Call) (any, error) { return int64(d.size()), nil }

func (d *deque) callAppend(c *Call) (any, error) { return nil, d.add(c, false) }

func (d *deque) callAppendleft(c *Call) (any, error) { return nil, d.add(c, true) }

func (d *deque) add(c *Call, left bool) error {
	cell, err := c.store(c.Value(0))
	if err != nil {
		return err
	}
	return d.extend([]any{cell}, left)
}

func (d *deque) callExtend(c *Call) (any, error) { return nil, d.addAll(c, false) }

func (d *deque) callExtendleft(c *Call) (any, error) { return nil, d.addAll(c, true) }

func (d *deque) addAll(c *Call, left bool) error {
	cells, err := c.storeAll(c.Value(0))
	if err != nil {
		return err
	}
	return d.extend(cells, left)
}

func (d *deque) callPop(c *Call) (any, error) {
	return d.take(c, func() any {
		last := len(d.room) - 1
		cell := d.room[last]
		d.room[last] = nil
		d.room = d.room[:last]
		return cell
	})
}

func (d *deque) callPopleft(c *Call) (any, error) {
	return d.take(c, func() any { return d.shift(1)[0] })
}

// take takes out one element, which f does.
func (d *deque) take(c *Call, f func() any) (any, error) {
	d.mu.Lock()
	if len(d.items()) == 0 {
		d.mu.Unlock()
		return nil, managers.ErrIndexError.New("pop from an empty deque")
	}
	cell := f()
	d.changes++
	d.mu.Unlock()
	defer drop(cell)
	return c.present(cell)
}

func (d *deque) callInsert(c *Call) (any, error) {
	i, err := c.number(0)
	if err != nil {
		return nil, err
	}
	cell, err := c.store(c.Value(1))
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	n := len(d.items())
	if n == d.maxlen || n == maxItems {
		d.mu.Unlock()
		drop(cell)
		if n == maxItems {
			return nil, errTooMany
		}
		return nil, managers.ErrIndexError.New("deque already at its maximum size")
	}
	d.room = slices.Insert(d.room, d.first+min(place(i, n), n), cell)
	d.changes++
	d.mu.Unlock()
	return nil, nil
}

// at calls f for the element that an index names, with mu held.
func (d *deque) at(c *Call, f func(items []any, i int)) error {
	i, s, isSlice, err := c.subscript(0, "sequence")
	if err != nil {
		return err
	}
	if isSlice {
		return managers.ErrTypeError.New("sequence index must be integer, not '" + values.TypeName(s) + "'")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if i, err = resolve(i, len(d.items()), "deque index out of range"); err == nil {
		f(d.items(), i)
	}
	return err
}

func (d *deque) callGetitem(c *Call) (any, error) {
	var cell any
	if err := d.at(c, func(items []any, i int) { cell = items[i]; hold([]any{cell}) }); err != nil {
		return nil, err
	}
	defer drop(cell)
	return c.present(cell)
}

func (d *deque) callSetitem(c *Call) (any, error) {
	cell, err := c.store(c.Value(1))
	if err != nil {
		return nil, err
	}
	old := cell // which goes where there is no such place
	err = d.at(c, func(items []any, i int) {
		old, items[i] = items[i], cell
		d.changes++
	})
	drop(old)
	return nil, err
}

func (d *deque) callDelitem(c *Call) (any, error) {
	var old any
	err := d.at(c, func(items []any, i int) {
		old = items[i]
		d.room = slices.Delete(d.room, d.first+i, d.first+i+1)
		d.changes++
	})
	drop(old)
	return nil, err
}

func (d *deque) callClear(*Call) (any, error) {
	drop(d.become(nil)...)
	return nil, nil
}

func (d *deque) callReverse(*Call) (any, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	slices.Reverse(d.items())
	d.changes++
	return nil, nil
}

// callRotate is rotate(n=1): n steps to the right.
func (d *deque) callRotate(c *Call) (any, error) {
	n := 1
	if c.Given(0) {
		var err error
		if n, err = c.number(0); err != nil {
			return nil, err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	items := d.items()
	if len(items) < 2 {
		return nil, nil
	}
	n %= len(items)
	if n < 0 {
		n += len(items)
	}
	d.room, d.first = slices.Concat(items[len(items)-n:], items[:len(items)-n]), 0
	d.changes++
	return nil, nil
}

func (d *deque) callCopy(c *Call) (any, error) { return c.valueOf(d) }

// callReversed returns an iterator over a list: the deque's own is the same to who iterates.
func (d *deque) callReversed(c *Call) (any, error) {
	out, err := c.presentAll(d.cells())
	return reversedIterator(out, c.Dialect()), err
}

func (d *deque) callContains(c *Call) (any, error) { return c.containedIn(d) }

func (d *deque) callIndex(c *Call) (any, error) {
	start, stop, err := c.bounds(1, 2)
	if err != nil {
		return nil, err
	}
	v, err := c.argument(c.Value(0))
	if err != nil {
		return nil, err
	}
	i, err := c.findIn(d, v, start, stop)
	if err == nil && i < 0 {
		err = c.notIn(v, "deque")
	}
	return int64(i), err
}

// notIn is the ValueError of an element that is not there, which it shows.
func (c *Call) notIn(v any, container string) error {
	text, err := c.budget().ReprStart(v, values.ReprStyleFor(c.Dialect()), 4*maxText)
	if err != nil {
		return err
	}
	return managers.ErrValueError.New(text + " is not in " + container)
}

func (d *deque) callCount(c *Call) (any, error) { return c.countIn(d) }

func (d *deque) callRemove(c *Call) (any, error) {
	return nil, c.removeFrom(d, func(v any) error { return c.notIn(v, "deque") })
}

// removeAt takes an element out, unless the deque has changed meanwhile.
func (d *deque) removeAt(i int, at uint64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.changes != at {
		return false
	}
	d.room = slices.Delete(d.room, d.first+i, d.first+i+1)
	d.changes++
	return true
}

// callAdd is deque + deque: a value, or a proxy of one.
func (d *deque) callAdd(c *Call) (any, error) {
	more, err := c.dequeItems(c.Value(0))
	if err != nil {
		return nil, err
	}
	own, err := c.presentAll(d.cells())
	if err != nil {
		return nil, err
	}
	return d.dequeValue(&pickle.List{Items: append(own.Items, more...)}), nil
}

// dequeItems returns the elements of an argument that is a deque, or a proxy of one.
func (c *Call) dequeItems(r pickle.Raw) ([]any, error) {
	if e := c.referent(r); e != nil {
		if d, ok := e.object.(*deque); ok {
			out, err := c.presentAll(d.cells())
			return out.Items, err
		}
	}
	v, err := c.open(r)
	if err != nil {
		return nil, err
	}
	if o, ok := v.(*pickle.Object); ok && o.IsA("collections", "deque") {
		return c.budget().Iterate(o)
	}
	return nil, managers.ErrTypeError.New(fmt.Sprintf(
		"can only concatenate deque (not %q) to deque", values.TypeName(v)))
}

func (d *deque) callMul(c *Call) (any, error) {
	n, err := c.factor(0)
	if err != nil {
		return nil, err
	}
	cells, err := c.repeated(d.cells(), n)
	if err != nil {
		return nil, err
	}
	out, err := c.presentAll(cells)
	return d.dequeValue(out), err
}

// callImul returns the whole deque, as the method that it stands for does.
func (d *deque) callImul(c *Call) (any, error) {
	n, err := c.factor(0)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	old := slices.Clone(d.items())
	items, err := c.repeated(old, n)
	if err != nil {
		d.mu.Unlock()
		return nil, err
	}
	hold(items)
	d.room, d.first = slices.Clone(items), 0
	d.changes++
	gone := d.overflow(false)
	d.mu.Unlock()
	drop(gone...)
	drop(old...)
	return c.valueOf(d)
}
