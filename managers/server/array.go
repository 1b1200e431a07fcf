package server

import (
	"fmt"
	"slices"
	"sync"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// array is Python's array.array: Modules/arraymodule.c.
type array struct {
	typ arrayType

	mu    sync.RWMutex
	items []any // as typ.item makes them
}

var arrayMethods = Methods[*array]{
	"__getitem__":  builtin(everyone, "array.__getitem__", (*array).callGetitem, 1, 1),
	"__getslice__": builtin(everyone, "array.__getslice__", (*array).callGetslice, 2, 2).Hidden(),
	"__len__":      builtin(everyone, "array.__len__", (*array).callLen, 0, 0),
	"__setitem__":  builtin(workers, "array.__setitem__", (*array).callSetitem, 2, 2),
	"__setslice__": builtin(workers, "array.__setslice__", (*array).callSetslice, 3, 3).Hidden(),
}

var arrayClass = describe(description[*array]{
	kind: "Array", methods: arrayMethods, value: everyone, saved: saveContents,
	observe: unobserved[*array],
	typeid:  "Array", create: Type{New: newArray},
	flag: Flag{"array", "NAME=TYPECODE:JSON", "an array, as in counts=i:[0,0]"},
})

// Methods lists what clients may call.
func (*array) Methods() []string { return arrayClass.listed }

// Call answers one call.
func (a *array) Call(c *Call) (any, error) { return arrayMethods.Call(a, c) }

func (*array) class() *class { return arrayClass }

// cells returns the elements as they are now.
func (a *array) cells() []any { return a.head(maxItems) }

// head returns up to n elements.
func (a *array) head(n int) []any {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Clone(a.items[:min(n, len(a.items))])
}

// Value returns the array as a value.
func (a *array) Value(c *Call) (any, error) {
	cells := a.cells()
	return a.typ.value(cells, c.Dialect()), c.budget().MakeEach(len(cells), values.ValueBytes)
}

func (a *array) repr(p printer) (string, error) {
	items, err := p.elements(a.head(p.most()))
	if err != nil {
		return "", err
	}
	return p.text(a.typ.value(items, pickle.Dialect{}))
}

func (a *array) callLen(*Call) (any, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return int64(len(a.items)), nil
}

func (a *array) callGetitem(c *Call) (any, error) {
	i, s, isSlice, err := c.subscript(0, "array")
	if err != nil {
		return nil, err
	}
	if isSlice {
		return a.slice(c, s)
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	if i, err = resolve(i, len(a.items), "array index out of range"); err != nil {
		return nil, err
	}
	return a.items[i], nil
}

func (a *array) slice(c *Call, s pickle.Slice) (any, error) {
	a.mu.RLock()
	items, err := c.sliced(a.items, s)
	a.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	return a.typ.value(items, c.Dialect()), nil
}

func (a *array) callSetitem(c *Call) (any, error) {
	i, s, isSlice, err := c.subscript(0, "array")
	if err != nil {
		return nil, err
	}
	v, err := c.open(c.Value(1))
	if err != nil {
		return nil, err
	}
	if isSlice {
		return nil, a.assign(c.budget(), s, v)
	}
	item, wrong := a.typ.item(v) // which Python looks at after the index
	a.mu.Lock()
	defer a.mu.Unlock()
	if i, err = resolve(i, len(a.items), "array assignment index out of range"); err != nil {
		return nil, err
	}
	if wrong != nil {
		return nil, wrong
	}
	a.items[i] = item
	return nil, nil
}

// assign is a[s] = v, where v must be an array of the same typecode.
func (a *array) assign(b *values.Budget, s pickle.Slice, v any) error {
	code, items, ok := arrayOf(b, v)
	if err := b.Refused(); !ok && err != nil {
		return err
	}
	if !ok {
		return managers.ErrTypeError.New(fmt.Sprintf("can only assign array (not %q) to array slice", values.TypeName(v)))
	}
	if code != a.typ.code {
		return managers.ErrTypeError.New("bad argument type for built-in operation")
	}
	fresh, err := a.typ.items(b, items)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.replace(s, fresh)
}

func (a *array) replace(s pickle.Slice, fresh []any) error {
	start, stop, step, count, err := values.SliceIndices(s, len(a.items))
	if err != nil {
		return err
	}
	if step == 1 {
		if len(fresh) > maxItems-len(a.items) {
			return errTooMany
		}
		a.items = slices.Replace(a.items, start, max(start, stop), fresh...)
		return nil
	}
	if len(fresh) != count {
		return managers.ErrValueError.New(fmt.Sprintf(
			"attempt to assign array of size %d to extended slice of size %d", len(fresh), count))
	}
	for k, item := range fresh {
		a.items[start+k*step] = item
	}
	return nil
}

func (a *array) callGetslice(c *Call) (any, error) {
	s, err := c.slice2()
	if err != nil {
		return nil, err
	}
	return a.slice(c, s)
}

func (a *array) callSetslice(c *Call) (any, error) {
	s, err := c.slice2()
	if err != nil {
		return nil, err
	}
	v, err := c.open(c.Value(2))
	if err != nil {
		return nil, err
	}
	return nil, a.assign(c.budget(), s, v)
}

// arrayOf reads a pickled array: a call of array.array, or of the function that pickle uses from
// protocol 3 on, with the elements as they lie in memory.
func arrayOf(b *values.Budget, v any) (code string, items []any, ok bool) {
	o, isObject := v.(*pickle.Object)
	if !isObject {
		return "", nil, false
	}
	args, _ := o.Args.(pickle.Tuple)
	switch {
	case o.IsA("array", "array") && len(args) > 0:
		code, ok = pickle.Text(args[0])
		if len(args) > 1 && ok {
			var err error
			items, err = arrayItems(b, code, args[1])
			ok = err == nil
		}
		return code, items, ok
	case o.IsA("array", "_array_reconstructor") && len(args) == 4:
		return rebuiltArray(b, args)
	}
	return "", nil, false
}

// arrayItems reads what stands behind the typecode: elements, or those that multiprocessing pickles
// as they lie in memory (reduce_array in Lib/multiprocessing/managers.py).
func arrayItems(b *values.Budget, code string, v any) ([]any, error) {
	switch v.(type) {
	case []byte, pickle.ByteString, *pickle.ByteArray:
		if t, ok := arrayTypes[code]; ok {
			return t.initial(b, v)
		}
	}
	return b.Iterate(v)
}

// arrayTypeSignature is that of managers.Array in Lib/multiprocessing/managers.py.
var arrayTypeSignature = &Signature{Name: "Array", Required: 2,
	Params: []string{"typecode", "sequence", "lock"}}

func newArray(c *Call) (Object, error) {
	if err := c.Bind(arrayTypeSignature); err != nil {
		return nil, err
	}
	code, err := c.open(c.Value(0))
	if err != nil {
		return nil, err
	}
	typ, err := arrayTypeOf(code)
	if err != nil {
		return nil, err
	}
	a := &array{typ: typ}
	if items, ok, err := c.elementsOfReferent(c.Value(1)); err != nil {
		return nil, err
	} else if ok {
		a.items, err = typ.items(c.budget(), items)
		return a, err
	}
	v, err := c.open(c.Value(1))
	if err != nil {
		return nil, err
	}
	a.items, err = typ.initial(c.budget(), v)
	return a, err
}

func (a *array) kind() string { return fmt.Sprintf("Array %d", len(a.cells())) }

func (a *array) capture() writing {
	cells := a.cells()
	return func(w *recordWriter) error {
		for i, v := range cells {
			if err := w.call("__setitem__", int64(i), v); err != nil {
				return err
			}
		}
		return nil
	}
}

// reset leaves the elements: all of them are overwritten.
func (*array) reset() {}
