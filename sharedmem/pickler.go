package sharedmem

import (
	"os"

	"mpbridge/pickle"
)

// A Pickler turns shared memory into values for package pickle, of which a stock Python makes objects of its own classes.
// What is given twice becomes one and the same value, so that it is one object in Python as well: use one Pickler for
// all that goes into one pickle, and none for two. It is for one goroutine.
//
// Segments and lists go by their names and need no more. The others go by the descriptor of their arena.
type Pickler struct {
	// Python2 makes values for Python 2.7, which has no segments.
	Python2 bool

	// Duplicate returns what stands for a descriptor in the pickle: InheritedFd for a child that inherits it, a DupFd of
	// package reduction for anybody else, and for Python 2.7 the number that the child knows it by. It is called once for
	// each arena. Without it arenas cannot be pickled.
	Duplicate func(f *os.File) (any, error)

	// Lock returns what stands for the lock of a Value or an Array, a Locker or what ByOwner made one of: a
	// synchronize.Pickler does it. Without it those cannot be pickled.
	Lock func(lock any) (any, error)

	seen map[any]*pickle.Object
}

// picklable is every type of this package that has a counterpart in Python.
type picklable interface {
	toPickle(p *Pickler) (*pickle.Object, error)
}

// Object returns the value for a *SharedMemory, *ShareableList, *RawValue, *RawArray, *Value, *Array, *Structure, *Block or
// *Arena. The error is a *StateError for what cannot be pickled, or that of a hook.
func (p *Pickler) Object(x any) (*pickle.Object, error) {
	if o := p.seen[x]; o != nil {
		return o, nil
	}
	source, ok := x.(picklable)
	if !ok {
		return nil, &StateError{"", "it is not of this package"}
	}
	o, err := source.toPickle(p)
	if err != nil {
		return nil, err
	}
	if p.seen == nil {
		p.seen = map[any]*pickle.Object{}
	}
	p.seen[x] = o
	return o, nil
}

// MarshalPickle returns what SharedMemory.__reduce__ does: whoever unpickles it attaches.
func (s *SharedMemory) MarshalPickle() (any, error) { return new(Pickler).Object(s) }

func (s *SharedMemory) toPickle(p *Pickler) (*pickle.Object, error) {
	if p.Python2 {
		return nil, &StateError{"SharedMemory", "Python 2 has none"}
	}
	return call(classSharedMemory, s.name, false, int64(s.size)), nil
}

// MarshalPickle returns what ShareableList.__reduce__ does: whoever unpickles it attaches.
func (l *ShareableList) MarshalPickle() (any, error) { return new(Pickler).Object(l) }

func (l *ShareableList) toPickle(p *Pickler) (*pickle.Object, error) {
	if p.Python2 {
		return nil, &StateError{"ShareableList", "Python 2 has none"}
	}
	attach := call(rebuildPartial, classShareableList, pickle.Tuple{}, pickle.NewDict("name", l.shm.name))
	return call(attach), nil
}

func (a *Arena) toPickle(p *Pickler) (*pickle.Object, error) {
	if p.Duplicate == nil {
		return nil, &StateError{"Arena", "nothing says how its descriptor travels: see Pickler.Duplicate"}
	}
	fd, err := p.Duplicate(a.File())
	if err != nil {
		return nil, err
	}
	if p.Python2 {
		buffer := call(pickle.Global{Module: "mmap", Name: "mmap"}, fd, int64(a.size))
		return instance(classArena, "size", int64(a.size), "name", nil, "buffer", buffer), nil
	}
	return call(rebuildArena, int64(a.size), fd), nil
}

func (b *Block) toPickle(p *Pickler) (*pickle.Object, error) {
	arena, err := p.Object(b.arena)
	if err != nil {
		return nil, err
	}
	place := pickle.Tuple{arena, int64(b.start), int64(b.start + b.room())}
	return instance(classBlock, "_state", pickle.Tuple{place, int64(b.size)}), nil
}

// ctype returns what rebuild_ctype makes of a block: an array of length elements, a single value where that is nil.
func (p *Pickler) ctype(class pickle.Global, b *Block, length any) (*pickle.Object, error) {
	block, err := p.Object(b)
	if err != nil {
		return nil, err
	}
	return call(rebuildCType, class, block, length), nil
}

// withLock returns what synchronized makes of a raw object and its lock.
func (p *Pickler) withLock(raw any, lock Locker) (*pickle.Object, error) {
	if p.Lock == nil {
		return nil, &StateError{"lock", "nothing says how it travels: see Pickler.Lock"}
	}
	object, err := p.Object(raw)
	if err != nil {
		return nil, err
	}
	pickled, err := p.Lock(bare(lock))
	if err != nil {
		return nil, err
	}
	return call(synchronized, object, pickled), nil
}

func (v *RawValue[T]) toPickle(p *Pickler) (*pickle.Object, error) {
	return p.ctype(classOf[T](), v.block, nil)
}

func (a *RawArray[T]) toPickle(p *Pickler) (*pickle.Object, error) {
	return p.ctype(classOf[T](), a.block, int64(a.n))
}

func (v *Value[T]) toPickle(p *Pickler) (*pickle.Object, error) { return p.withLock(v.raw, v.lock) }

func (a *Array[T]) toPickle(p *Pickler) (*pickle.Object, error) { return p.withLock(a.raw, a.lock) }

func (s *Structure) toPickle(p *Pickler) (*pickle.Object, error) {
	if s.lock != nil {
		return p.withLock(&Structure{s.Class, s.Len, s.block, nil}, s.lock)
	}
	if s.Len < 0 {
		return p.ctype(s.Class, s.block, nil)
	}
	return p.ctype(s.Class, s.block, int64(s.Len))
}
