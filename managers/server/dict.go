package server

import (
	"slices"
	"sync"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// dict is a Python dict whose keys and values stay pickled: Objects/dictobject.c.
type dict struct {
	mu    sync.RWMutex
	table keyed
}

var dictMethods = Methods[*dict]{
	"__contains__": builtin(everyone, "dict.__contains__", (*dict).callContains, 1, 1),
	"__delitem__":  builtin(workers, "dict.__delitem__", (*dict).callDelitem, 1, 1),
	"__getitem__":  builtin(everyone, "dict.__getitem__", (*dict).callGetitem, 1, 1),
	"__ior__":      builtin(workers, "dict.__ior__", (*dict).callIor, 1, 1),
	"__iter__":     builtin(everyone, "dict.__iter__", (*dict).callIter, 0, 0),
	"__len__":      builtin(everyone, "dict.__len__", (*dict).callLen, 0, 0),
	"__or__":       builtin(everyone, "dict.__or__", (*dict).callOr, 1, 1),
	"__reversed__": builtin(everyone, "dict.__reversed__", (*dict).callReversed, 0, 0),
	"__ror__":      builtin(everyone, "dict.__ror__", (*dict).callRor, 1, 1),
	"__setitem__":  builtin(workers, "dict.__setitem__", (*dict).callSetitem, 2, 2),
	"clear":        builtin(workers, "dict.clear", (*dict).callClear, 0, 0),
	"copy":         builtin(everyone, "dict.copy", (*dict).callCopy, 0, 0),
	"fromkeys":     builtin(everyone, "dict.fromkeys", (*dict).callFromkeys, 1, 2),
	"get":          builtin(everyone, "dict.get", (*dict).callGet, 1, 2),
	"has_key":      builtin(everyone, "dict.has_key", (*dict).callContains, 1, 1).Hidden(),
	"items":        builtin(everyone, "dict.items", (*dict).callItems, 0, 0),
	"keys":         builtin(everyone, "dict.keys", (*dict).callKeys, 0, 0),
	"pop":          builtin(workers, "dict.pop", (*dict).callPop, 1, 2),
	"popitem":      builtin(workers, "dict.popitem", (*dict).callPopitem, 0, 0),
	"setdefault":   builtin(workers, "dict.setdefault", (*dict).callSetdefault, 1, 2),
	"update":       {access: workers, call: (*dict).callUpdate},
	"values":       builtin(everyone, "dict.values", (*dict).callValues, 0, 0),
}

var dictClass = describe(description[*dict]{
	kind: "dict", methods: dictMethods, value: everyone, saved: saveContents,
	observe: unobserved[*dict],
	typeid:  "dict", create: dictType(),
	flag: Flag{"dict", "NAME[=JSON]", "a dict"},
})

// Methods lists what clients may call.
func (*dict) Methods() []string { return dictClass.listed }

// Call answers one call.
func (d *dict) Call(c *Call) (any, error) { return dictMethods.Call(d, c) }

func (*dict) class() *class { return dictClass }

func (d *dict) eachStored(f func(*storedValue)) {
	for _, s := range d.slots() {
		eachStoredOf([]any{s.key, s.value}, f)
	}
}

// slots returns a copy of the dict as it is now.
func (d *dict) slots() []slot { return d.head(maxItems) }

// pairs is slots: a mapping.
func (d *dict) pairs() []slot { return d.slots() }

// head returns a copy of up to n items.
func (d *dict) head(n int) []slot {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.table.all(n)
}

// cells returns the keys: what iterating gives.
func (d *dict) cells() []any {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.table.keys(maxItems)
}

// copyBy returns the dict as a value.
func (d *dict) copyBy(p *presenter) (any, func() error) {
	out := &pickle.Dict{}
	return out, func() error { return fillDict(out, p, d.slots()) }
}

// fillDict puts what slots hold into out, which is empty. The keys stay as they are: no two are equal.
func fillDict(out *pickle.Dict, p *presenter, slots []slot) error {
	if err := p.call.budget().MakeEach(len(slots), 2*values.ValueBytes); err != nil {
		return err
	}
	pairs := make([]pickle.Pair, 0, len(slots))
	for _, s := range slots {
		k, err := p.present(s.key)
		if err != nil {
			return err
		}
		v, err := p.present(s.value)
		if err != nil {
			return err
		}
		pairs = append(pairs, pickle.Pair{Key: k, Value: v})
	}
	out.SetDistinct(pairs)
	return nil
}

// Value returns the dict as a value.
func (d *dict) Value(c *Call) (any, error) { return c.valueOf(d) }

func (d *dict) repr(p printer) (string, error) {
	slots := d.head(p.most())
	if err := p.budget().MakeEach(len(slots), slotBytes); p.cut == 0 && err != nil {
		return "", err
	}
	cells := make([]any, 0, 2*len(slots))
	for _, s := range slots {
		cells = append(cells, s.key, s.value)
	}
	items, err := p.elements(cells)
	if err != nil {
		return "", err
	}
	pairs := make([]pickle.Pair, len(items)/2) // a key alone is beyond what is shown
	for i := range pairs {
		pairs[i] = pickle.Pair{Key: items[2*i], Value: items[2*i+1]}
	}
	out := new(pickle.Dict)
	out.SetDistinct(pairs)
	return p.text(out)
}

func (d *dict) size() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.table.len()
}

func (d *dict) callLen(*Call) (any, error) { return int64(d.size()), nil }

func (d *dict) callContains(c *Call) (any, error) {
	by, err := c.key(c.Value(0), values.DictKey)
	if err != nil {
		return nil, err
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.table.find(by) != nil, nil
}

// look returns the cell of a key.
func (d *dict) look(by any) (cell any, ok bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	s := d.table.find(by)
	if s == nil {
		return nil, false
	}
	return s.value, true
}

func (d *dict) callGetitem(c *Call) (any, error) {
	by, err := c.key(c.Value(0), values.DictKey)
	if err != nil {
		return nil, err
	}
	if cell, ok := d.look(by); ok {
		return c.present(cell)
	}
	return nil, managers.ErrKeyError.New(c.Value(0))
}

func (d *dict) callGet(c *Call) (any, error) {
	by, err := c.key(c.Value(0), values.DictKey)
	if err != nil {
		return nil, err
	}
	if cell, ok := d.look(by); ok {
		return c.present(cell)
	}
	return c.Value(1), nil
}

// storeItem makes cells of the first two arguments, a key and its value.
func (c *Call) storeItem() (item slot, err error) {
	if item.by, item.key, err = c.storeKey(c.Value(0), values.DictKey); err != nil {
		return slot{}, err
	}
	if item.value, err = c.store(c.Value(1)); err != nil {
		drop(item.key)
	}
	return item, err
}

func (d *dict) callSetitem(c *Call) (any, error) {
	item, err := c.storeItem()
	if err != nil {
		return nil, err
	}
	return nil, d.store([]slot{item})
}

// store sets items, all or, where there would be too many, none.
func (d *dict) store(slots []slot) error {
	var old []any
	d.mu.Lock()
	if len(slots) > maxItems-d.table.len() {
		for _, s := range slots {
			old = append(old, s.key, s.value)
		}
		d.mu.Unlock()
		drop(old...)
		return errTooMany
	}
	for _, s := range slots {
		old = append(old, d.table.set(s.by, s.key, s.value)...)
	}
	d.mu.Unlock()
	drop(old...)
	return nil
}

func (d *dict) callDelitem(c *Call) (any, error) {
	by, err := c.key(c.Value(0), values.DictKey)
	if err != nil {
		return nil, err
	}
	s, ok := d.take(by)
	if !ok {
		return nil, managers.ErrKeyError.New(c.Value(0))
	}
	drop(s.key, s.value)
	return nil, nil
}

func (d *dict) take(by any) (slot, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.table.remove(by)
}

func (d *dict) callPop(c *Call) (any, error) {
	by, err := c.key(c.Value(0), values.DictKey)
	if err != nil && d.size() > 0 { // an empty dict does not look at the key: Objects/dictobject.c
		return nil, err
	}
	var s slot
	ok := false
	if err == nil {
		s, ok = d.take(by)
	}
	switch {
	case ok:
		defer drop(s.key, s.value)
		return c.present(s.value)
	case c.Given(1):
		return c.Value(1), nil
	}
	return nil, managers.ErrKeyError.New(c.Value(0))
}

func (d *dict) callPopitem(c *Call) (any, error) {
	d.mu.Lock()
	n := len(d.table.slots)
	if n == 0 {
		d.mu.Unlock()
		return nil, managers.ErrKeyError.New("popitem(): dictionary is empty")
	}
	s := d.table.removeAt(n - 1) // the last slot is never a removed one
	d.mu.Unlock()
	defer drop(s.key, s.value)
	return c.presentTuple(s.key, s.value)
}

func (d *dict) callSetdefault(c *Call) (any, error) {
	item, err := c.storeItem()
	if err != nil {
		return nil, err
	}
	by, key, cell := item.by, item.key, item.value
	d.mu.Lock()
	s := d.table.find(by)
	if s != nil {
		there := s.value
		d.mu.Unlock()
		drop(key, cell)
		return c.present(there)
	}
	d.table.set(by, key, cell)
	d.mu.Unlock()
	return c.present(cell)
}

func (d *dict) callClear(*Call) (any, error) {
	d.mu.Lock()
	old := d.table.clear()
	d.mu.Unlock()
	drop(old...)
	return nil, nil
}

func (d *dict) callCopy(c *Call) (any, error) { return d.Value(c) }

func (d *dict) callKeys(c *Call) (any, error) { return c.presentAll(d.cells()) }

// taken is slots for a call that is going to show them.
func (d *dict) taken(c *Call) ([]slot, error) {
	if err := c.budget().MakeEach(d.size(), slotBytes); err != nil {
		return nil, err
	}
	return d.slots(), nil
}

func (d *dict) callValues(c *Call) (any, error) {
	slots, err := d.taken(c)
	if err != nil {
		return nil, err
	}
	cells := make([]any, len(slots))
	for i, s := range slots {
		cells[i] = s.value
	}
	return c.presentAll(cells)
}

func (d *dict) callItems(c *Call) (any, error) {
	slots, err := d.taken(c)
	if err != nil {
		return nil, err
	}
	out := &pickle.List{Items: make([]any, len(slots))}
	for i, s := range slots {
		pair, err := c.presentTuple(s.key, s.value)
		if err != nil {
			return nil, err
		}
		out.Items[i] = pair
	}
	return out, nil
}

// callReversed returns what pickle makes of a dict_reversekeyiterator: an iterator over a list.
func (d *dict) callReversed(c *Call) (any, error) {
	keys := d.cells()
	slices.Reverse(keys)
	out, err := c.presentAll(keys)
	return listIterator(out), err
}

// callIter returns an iterator over the keys: a value, or an object of its own, which the client gets a proxy
// of.
func (d *dict) callIter(c *Call) (any, error) {
	if v, ok, err := d.keysByValue(c); ok || err != nil {
		return v, err
	}
	return &dictIterator{dict: d, size: d.size()}, nil
}

func dictType() Type {
	sig := &Signature{Name: "dict", Params: make([]string, 1)}
	return Type{
		New: func(c *Call) (Object, error) {
			d := &dict{table: newKeyed()}
			if len(c.Args()) > 1 {
				return nil, (&Signature{Name: "." + sig.Name, Params: sig.Params, builtin: true}).
					checkBuiltin(len(c.Args()), 0)
			}
			return d, d.update(c)
		},
		MethodToTypeid: map[string]string{"__iter__": iteratorTypeid},
	}
}

func (*dict) kind() string { return "dict" }

func (d *dict) capture() writing { return slotWriting("__setitem__", d.slots()) }

func (d *dict) reset() {
	d.mu.Lock()
	old := d.table.clear()
	d.mu.Unlock()
	drop(old...)
}
