package sharedmem

import (
	"errors"
	"fmt"
	"math"
	"os"

	"mpbridge/pickle"
)

// An Unpickler makes live what Python, or a Pickler, has pickled. One object of the pickle becomes one object here,
// however often it occurs: use one Unpickler for all that came in one pickle. It is for one goroutine.
type Unpickler struct {
	// Detach returns the file of what stands for a descriptor, DupFd.detach() in Python, and the Unpickler owns it. Without
	// it only segments and lists are made live.
	Detach func(v any) (*os.File, error)

	// Lock returns the lock of a Value or an Array: a synchronize.Unpickler makes it. Without it those are not made live.
	Lock func(v any) (Locker, error)

	// Attach are the options with which segments are attached, or nil.
	Attach *AttachOptions

	seen map[*pickle.Object]any
}

// Knows tells whether a pickled value is one of those that Object makes live.
func (u *Unpickler) Knows(v any) bool {
	o, ok := v.(*pickle.Object)
	return ok && openerOf(o) != nil
}

// Object makes a pickled value live: a *SharedMemory or *ShareableList, which the caller closes; a *RawValue, *RawArray,
// *Value or *Array of the Go type for its class of ctypes, or a *Structure; a *Block or an *Arena. What they are in stays
// mapped until Close. The error is a *StateError for what is none of these or is not as Python writes it; else it is
// that of Attach, of OpenArena or of a hook.
func (u *Unpickler) Object(v any) (any, error) {
	o, ok := v.(*pickle.Object)
	if !ok {
		return nil, &StateError{"", "it is a " + pickle.TypeName(v)}
	}
	if x := u.seen[o]; x != nil {
		return x, nil
	}
	open := openerOf(o)
	if open == nil {
		return nil, &StateError{"", "it is a " + pickle.TypeName(v)}
	}
	x, err := open(u, o)
	if err != nil {
		return nil, err
	}
	if u.seen == nil {
		u.seen = map[*pickle.Object]any{}
	}
	u.seen[o] = x
	return x, nil
}

// Close closes all arenas that were opened, and so the values and arrays in them. Segments and lists belong to who got
// them.
func (u *Unpickler) Close() error {
	var errs []error
	for _, x := range u.seen {
		if a, ok := x.(*Arena); ok {
			errs = append(errs, a.Close())
		}
	}
	return errors.Join(errs...)
}

// openerOf returns what makes an object live, nil for one that is not known.
func openerOf(o *pickle.Object) func(*Unpickler, *pickle.Object) (any, error) {
	kind, class, _ := o.Made()
	if kind == pickle.Reduce && listClass(class) {
		return (*Unpickler).list
	}
	g, _ := class.(pickle.Global)
	switch {
	case kind == pickle.Reduce && g == classSharedMemory:
		return (*Unpickler).segment
	case kind == pickle.Reduce && g == rebuildArena:
		return (*Unpickler).arena
	case kind == pickle.NewObj && g == classBlock:
		return (*Unpickler).block
	case kind == pickle.Reduce && g == rebuildCType:
		return (*Unpickler).raw
	case kind == pickle.Reduce && g == synchronized:
		return (*Unpickler).synchronized
	}
	return nil
}

func argsOf(o *pickle.Object) pickle.Tuple {
	_, _, args := o.Made()
	t, _ := args.(pickle.Tuple)
	return t
}

func (u *Unpickler) segment(o *pickle.Object) (any, error) {
	args := argsOf(o)
	var name string
	if len(args) > 0 {
		name, _ = args[0].(string)
	}
	if len(args) > 1 && args[1] != false || name == "" {
		return nil, &StateError{"SharedMemory", "want a name, False and a size"}
	}
	s, err := Attach(name, u.Attach)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// listClass tells whether a callable is one of ShareableList.__reduce__, a partial with the name. ForkingPickler and
// the other picklers write it differently.
func listClass(callable any) bool {
	o, ok := callable.(*pickle.Object)
	if !ok {
		return false
	}
	kind, class, _ := o.Made()
	args := argsOf(o)
	return kind == pickle.Reduce && (class == any(rebuildPartial) || class == any(classPartial)) &&
		len(args) > 0 && args[0] == any(classShareableList)
}

func (u *Unpickler) list(o *pickle.Object) (any, error) {
	_, class, _ := o.Made()
	partial := class.(*pickle.Object)
	keywords := argsOf(partial) // (function, args, keywords)
	if state, ok := partial.State.(pickle.Tuple); ok {
		keywords = state // (function, args, keywords, attributes)
	}
	if len(keywords) > 2 {
		if d, ok := keywords[2].(*pickle.Dict); ok {
			if v, _ := d.Get("name"); v != nil {
				if name, ok := v.(string); ok {
					return attachedList(name, u.Attach)
				}
			}
		}
	}
	return nil, &StateError{"ShareableList", "want the keyword name"}
}

// attachedList keeps a nil pointer from becoming an interface that is not nil.
func attachedList(name string, o *AttachOptions) (any, error) {
	l, err := AttachShareableList(name, o)
	if err != nil {
		return nil, err
	}
	return l, nil
}

func (u *Unpickler) arena(o *pickle.Object) (any, error) {
	args := argsOf(o)
	size := 0
	if len(args) == 2 {
		size = sizeIn(args[0])
	}
	switch {
	case size <= 0:
		return nil, &StateError{"Arena", "want a size and a descriptor"}
	case u.Detach == nil:
		return nil, &StateError{"Arena", "nothing says whose its descriptor is: see Unpickler.Detach"}
	}
	f, err := u.Detach(args[1])
	if err != nil {
		return nil, err
	}
	a, err := OpenArena(f, size)
	if err != nil {
		return nil, err
	}
	return a, nil
}

// block reads the state of a BufferWrapper: ((arena, start, stop), size).
func (u *Unpickler) block(o *pickle.Object) (any, error) {
	var state pickle.Tuple
	if d := o.Attrs(); d != nil {
		v, _ := d.Get("_state")
		state, _ = v.(pickle.Tuple)
	}
	if len(state) == 2 {
		if place, ok := state[0].(pickle.Tuple); ok && len(place) == 3 {
			return u.blockAt(place, state[1])
		}
	}
	return nil, &StateError{"BufferWrapper", "want ((arena, start, stop), size)"}
}

func (u *Unpickler) blockAt(place pickle.Tuple, size any) (any, error) {
	a, err := inner[*Arena](u, place[0], rebuildArena)
	if err != nil {
		return nil, err
	}
	b, err := a.Block(sizeIn(place[1]), sizeIn(size))
	if err != nil {
		return nil, err
	}
	return b, nil
}

// inner makes live what is in another object, which must be of a class: so a pickle cannot nest them without end.
func inner[T any](u *Unpickler, v any, class pickle.Global) (t T, err error) {
	if o, ok := v.(*pickle.Object); !ok || !o.IsA(class.Module, class.Name) {
		return t, &StateError{"", fmt.Sprintf("it is a %s, want a %v", pickle.TypeName(v), class)}
	}
	x, err := u.Object(v)
	if err != nil {
		return t, err
	}
	t, ok := x.(T)
	if !ok {
		return t, &StateError{"", fmt.Sprintf("it is not made as a %v is", class)}
	}
	return t, nil
}

// sizeIn is a number of bytes or elements, -1 for what is none.
func sizeIn(v any) int {
	n, ok := v.(int64)
	if !ok || n < 0 || n > math.MaxInt {
		return -1
	}
	return int(n)
}

func (u *Unpickler) raw(o *pickle.Object) (any, error) { return u.rebuilt(o, nil) }

// rebuilt makes live what rebuild_ctype(class, block, length) stands for.
func (u *Unpickler) rebuilt(o *pickle.Object, lock Locker) (any, error) {
	args := argsOf(o)
	if len(args) != 3 {
		return nil, &StateError{"RawValue", "want a class, a block and a length"}
	}
	class, ok := args[0].(pickle.Global)
	if !ok {
		return nil, &StateError{"RawValue", "its class is a " + pickle.TypeName(args[0])}
	}
	length := -1
	if args[2] != nil {
		if length = sizeIn(args[2]); length < 0 {
			return nil, &StateError{"RawArray", "the length is not one"}
		}
	}
	b, err := inner[*Block](u, args[1], classBlock)
	if err != nil {
		return nil, err
	}
	if build := rebuilderOf(class); build != nil {
		return build(b, length, lock)
	}
	return NewStructure(class, length, b, lock), nil
}

// synchronized makes live what synchronized(raw, lock) stands for.
func (u *Unpickler) synchronized(o *pickle.Object) (any, error) {
	args := argsOf(o)
	if len(args) == 2 {
		if raw, ok := args[0].(*pickle.Object); ok && raw.IsA(moduleSharedCTypes, rebuildCType.Name) {
			if u.Lock == nil {
				return nil, &StateError{"Value", "nothing says what its lock is: see Unpickler.Lock"}
			}
			lock, err := u.Lock(args[1])
			if err != nil {
				return nil, err
			}
			return u.rebuilt(raw, lock)
		}
	}
	return nil, &StateError{"Value", "want a raw value or array, and a lock"}
}
