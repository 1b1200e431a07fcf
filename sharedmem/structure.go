package sharedmem

import (
	"context"
	"fmt"

	"mpbridge/pickle"
)

// Structure is a value or an array in shared memory of a class that has no Go type here: a ctypes.Structure of the
// program's own, say. What its bytes mean is for the caller to know.
type Structure struct {
	// Class is the class of the value, or of the array's elements.
	Class pickle.Global
	// Len is the number of elements, -1 for a single value.
	Len int

	block *Block
	lock  Locker
}

// NewStructure makes a Structure of a block. The lock may be nil: then it is one of RawValue or RawArray.
func NewStructure(class pickle.Global, length int, b *Block, lock Locker) *Structure {
	return &Structure{class, length, b, lock}
}

// Block is where the bytes are.
func (s *Structure) Block() *Block { return s.block }

// Lock is the lock, nil where there is none.
func (s *Structure) Lock() Locker { return s.lock }

// Access calls f with the bytes, which f must not keep, under the lock if there is one: see SharedMemory.Access.
func (s *Structure) Access(ctx context.Context, f func(mem []byte) error) error {
	if s.lock == nil {
		return s.block.Access(f)
	}
	return locked(ctx, s.lock, func() error { return s.block.Access(f) })
}

// String names the class.
func (s *Structure) String() string { return fmt.Sprintf("shared %v", s.Class) }
