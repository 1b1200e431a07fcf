package sharedmem

import (
	"fmt"
	"math"
	"strings"

	"mpbridge/pickle"
)

// ShareableList is a list in a segment: multiprocessing.shared_memory.ShareableList. Its length never changes, nor does
// the room that each item has: 8 bytes for None, a bool, an int of 64 bits and a float; for a str or bytes those of the
// first value, filled up to a multiple of 8, and one to eight more.
//
// Its methods may be called from any goroutine. Nothing locks a list: who reads an item while another process writes
// it may get a mixture of both, or a *FormatError.
//
// Python loses what this type refuses: zero bytes at the end of a str or bytes, and, as it counts characters and not
// bytes, the end of a text with characters beyond ASCII in a list that it makes. Get returns such items as every Python
// does, and ErrNotText where Python raises UnicodeDecodeError.
type ShareableList struct {
	shm    *SharedMemory
	layout *listLayout
}

// ListOptions are those of NewShareableList. They may be shared and must not be changed while in use.
type ListOptions struct {
	// Name of the segment; "" makes one up, as Create does.
	Name string
	// Layout says which Pythons can read the list. The zero Layout is for 3.9 and later.
	Layout Layout
	// Create are the options of the segment, or nil. Fill and Write mean nothing here.
	Create *CreateOptions
}

// NewShareableList makes a list of values in a new segment: nil, bool, any integer that 64 bits hold, floats, string,
// []byte. A *ItemError says which one is not taken. The options may be nil.
//
// Who makes a list has to Unlink its SharedMemory.
func NewShareableList(values []any, o *ListOptions) (*ShareableList, error) {
	set := ListOptions{}
	if o != nil {
		set = *o
	}
	items := make([]listItem, len(values))
	sizes := make([]int, len(values))
	for i, v := range values {
		item, err := newListItem(v)
		if err == nil && item.format == "" {
			if _, ok := textFormat(item.room()); !ok {
				err = fmt.Errorf("%d bytes: %w", len(item.data), ErrTooLong)
			}
		}
		if err != nil {
			return nil, &Error{"create", set.Name, &ItemError{i, err}}
		}
		items[i] = item
		if sizes[i] = word; item.format == "" {
			sizes[i] = item.room()
		}
	}
	l := &ShareableList{layout: newListLayout(set.Layout, sizes)}
	create := CreateOptions{}
	if set.Create != nil {
		create = *set.Create
	}
	create.Write = nil
	create.Fill = func(mem []byte) error {
		l.layout.write(mem)
		for i, item := range items {
			if err := l.layout.put(mem, i, item); err != nil {
				return &ItemError{i, err}
			}
		}
		return nil
	}
	var err error
	if l.shm, err = Create(set.Name, l.layout.length, &create); err != nil {
		return nil, err
	}
	return l, nil
}

// AttachShareableList opens a list that exists, of either layout. A segment that is no list is a *FormatError. The
// options may be nil.
func AttachShareableList(name string, o *AttachOptions) (*ShareableList, error) {
	shm, err := Attach(name, o)
	if err != nil {
		return nil, err
	}
	l := &ShareableList{shm: shm}
	err = shm.Access(func(mem []byte) (err error) {
		l.layout, err = parseListLayout(mem)
		return err
	})
	if err != nil {
		_ = shm.Close()
		return nil, err
	}
	return l, nil
}

// SharedMemory is the segment of the list: shm in Python. Closing it closes the list.
func (l *ShareableList) SharedMemory() *SharedMemory { return l.shm }

// Layout says how the list is laid out.
func (l *ShareableList) Layout() Layout { return l.layout.kind }

// Len is the number of items.
func (l *ShareableList) Len() int { return l.layout.items() }

// at calls f with the memory and the index of a position, which counts from the end where it is negative.
func (l *ShareableList) at(position int, f func(mem []byte, i int) error) error {
	i := position
	if i < 0 {
		i += l.Len()
	}
	err := ErrRange
	if i >= 0 && i < l.Len() {
		err = l.shm.m.whole(func(mem []byte) error { return f(mem, i) })
	}
	if err != nil {
		return l.shm.failed("access", &ItemError{position, err})
	}
	return nil
}

// Get returns an item: nil, or a bool, int64, float64, string or []byte. A negative position counts from the end. What is
// outside is ErrRange.
func (l *ShareableList) Get(position int) (v any, err error) {
	err = l.at(position, func(mem []byte, i int) (err error) {
		v, err = l.layout.get(mem, i)
		return err
	})
	return v, err
}

// ItemAs is Get for a Go type, into which the item is put as package pickle does it: an int in any integer or float that
// holds it, for example. Where it does not fit the error is a *pickle.TypeError.
func ItemAs[T any](l *ShareableList, position int) (T, error) {
	var t T
	v, err := l.Get(position)
	if err == nil {
		err = pickle.Assign(&t, v)
	}
	return t, err
}

// Set replaces an item by a value of any type that NewShareableList takes. A str or bytes that the item has no room for
// is ErrTooLong. After an error the item is what it was.
func (l *ShareableList) Set(position int, v any) error {
	item, err := newListItem(v)
	if err == nil && l.shm.m.readOnly {
		err = ErrReadOnly
	}
	if err != nil {
		return l.shm.failed("set", &ItemError{position, err})
	}
	return l.at(position, func(mem []byte, i int) error { return l.layout.put(mem, i, item) })
}

// Items returns all items, as Get does.
func (l *ShareableList) Items() ([]any, error) {
	items := make([]any, 0, l.Len())
	err := l.shm.Access(func(mem []byte) error {
		for i := range l.Len() {
			v, err := l.layout.get(mem, i)
			if err != nil {
				return &ItemError{i, err}
			}
			items = append(items, v)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return items, nil
}

// Count returns how many items equal v as Python compares: 1 == 1.0 == True, and NaN equals nothing.
func (l *ShareableList) Count(v any) (int, error) {
	items, err := l.Items()
	n := 0
	for _, item := range items {
		if equal(item, v) {
			n++
		}
	}
	return n, err
}

// Index returns the position of the first item that equals v, or ErrNotFound.
func (l *ShareableList) Index(v any) (int, error) {
	items, err := l.Items()
	if err != nil {
		return 0, err
	}
	for i, item := range items {
		if equal(item, v) {
			return i, nil
		}
	}
	return 0, l.shm.failed("index", ErrNotFound)
}

func equal(item, v any) bool {
	f, isFloat := item.(float64)
	return pickle.Equal(item, v) && !(isFloat && math.IsNaN(f))
}

// Format returns the formats of all items, as module struct has them, joined: format in Python.
func (l *ShareableList) Format() (string, error) {
	var out strings.Builder
	err := l.shm.Access(func(mem []byte) error {
		for i := range l.Len() {
			out.WriteString(l.layout.format(mem, i))
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return out.String(), nil
}
