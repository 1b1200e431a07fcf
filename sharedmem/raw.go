package sharedmem

import "fmt"

// RawValue is one value of C in shared memory: multiprocessing.RawValue. Its methods may be called from any goroutine.
// Each reads or writes the value in one step, and nothing locks it between two of them: for that there is Value.
type RawValue[T CType] struct{ block *Block }

// NewRawValue makes a value in a block of its own.
func NewRawValue[T CType](a *Arena, t T) (*RawValue[T], error) {
	b, err := a.Alloc(sizeOfC[T]())
	if err != nil {
		return nil, err
	}
	v := &RawValue[T]{b}
	return v, v.Set(t)
}

// RawValueOf is the value that a block is, which must have the size of a T.
func RawValueOf[T CType](b *Block) (*RawValue[T], error) {
	if b.size != sizeOfC[T]() {
		return nil, fmt.Errorf("sharedmem: a block of %d bytes for a value of %d: %w", b.size, sizeOfC[T](), ErrRange)
	}
	return &RawValue[T]{b}, nil
}

// Block is where the value is.
func (v *RawValue[T]) Block() *Block { return v.block }

// Get returns the value.
func (v *RawValue[T]) Get() (t T, err error) {
	err = v.block.Access(func(mem []byte) error {
		t = load[T](mem)
		return nil
	})
	return t, err
}

// Set changes the value.
func (v *RawValue[T]) Set(t T) error {
	return v.block.change(func(mem []byte) error {
		store(mem, t)
		return nil
	})
}

// RawArray is an array of C in shared memory: multiprocessing.RawArray. Its methods may be called from any goroutine.
// Each element is read or written in one step, and nothing locks the array: for that there is Array.
type RawArray[T CType] struct {
	block *Block
	n     int
}

// NewRawArray makes an array of these elements in a block of its own.
func NewRawArray[T CType](a *Arena, elements []T) (*RawArray[T], error) {
	b, err := a.Alloc(len(elements) * sizeOfC[T]())
	if err != nil {
		return nil, err
	}
	v := &RawArray[T]{b, len(elements)}
	return v, v.SetItems(elements)
}

// RawArrayOf is the array of n elements that a block is, which must have just the size for them.
func RawArrayOf[T CType](b *Block, n int) (*RawArray[T], error) {
	if size := sizeOfC[T](); n < 0 || n > b.size/size || b.size != n*size {
		return nil, fmt.Errorf("sharedmem: a block of %d bytes for %d elements of %d: %w", b.size, n, size, ErrRange)
	}
	return &RawArray[T]{b, n}, nil
}

// Block is where the array is.
func (a *RawArray[T]) Block() *Block { return a.block }

// Len is the number of elements.
func (a *RawArray[T]) Len() int { return a.n }

// Get returns an element. An index outside is ErrRange.
func (a *RawArray[T]) Get(i int) (t T, err error) {
	err = a.element(i, a.block.Access, func(mem []byte) { t = load[T](mem) })
	return t, err
}

// Set changes an element. An index outside is ErrRange.
func (a *RawArray[T]) Set(i int, t T) error {
	return a.element(i, a.block.change, func(mem []byte) { store(mem, t) })
}

// element has access call f with the bytes of an element.
func (a *RawArray[T]) element(i int, access func(func([]byte) error) error, f func(mem []byte)) error {
	if i < 0 || i >= a.n {
		return fmt.Errorf("sharedmem: element %d of %d: %w", i, a.n, ErrRange)
	}
	return access(func(mem []byte) error {
		size := sizeOfC[T]()
		f(mem[i*size:][:size])
		return nil
	})
}

// Items returns a copy of all elements.
func (a *RawArray[T]) Items() ([]T, error) {
	items := make([]T, a.n)
	err := a.block.Access(func(mem []byte) error {
		size := sizeOfC[T]()
		for i := range items {
			items[i] = load[T](mem[i*size:][:size])
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return items, nil
}

// SetItems changes the first elements. Where there are more than the array has, the error is ErrRange and nothing is
// changed.
func (a *RawArray[T]) SetItems(items []T) error {
	if len(items) > a.n {
		return fmt.Errorf("sharedmem: %d elements for %d: %w", len(items), a.n, ErrRange)
	}
	return a.block.change(func(mem []byte) error {
		copy(sliceOf[T](mem), items)
		return nil
	})
}

// Access calls f with the elements themselves, which f must not keep: see SharedMemory.Access.
func (a *RawArray[T]) Access(f func(elements []T) error) error {
	return a.block.Access(func(mem []byte) error { return f(sliceOf[T](mem)) })
}
