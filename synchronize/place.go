package synchronize

import (
	"errors"
	"fmt"
	"sync/atomic"
)

// Place makes a semaphore without a name in 32 bytes of shared memory, aligned to 8, and opens it. Whoever shares the
// memory opens it with At; a Python gives its address to SemLock._rebuild. The memory must stay until Close has
// returned. Nobody may use it before Place has.
func Place(mem []byte, value, limit int, o *Options) (*SemLock, error) {
	if err := checkValues(value, limit); err != nil {
		return nil, err
	}
	if err := supported(); err != nil {
		return nil, err
	}
	w, wrong := wordAt(mem)
	if wrong != nil {
		return nil, wrong
	}
	b := image(value)
	copy(mem[8:], b[8:])
	atomic.StoreUint64((*uint64)(w), uint64(value))
	return newSemLock(&memory{w}, "", limit, o), nil
}

// At opens a semaphore in shared memory where somebody has made one. What is there is checked.
func At(mem []byte, limit int, o *Options) (*SemLock, error) {
	if err := checkValues(0, limit); err != nil {
		return nil, err
	}
	if err := supported(); err != nil {
		return nil, err
	}
	w, wrong := wordAt(mem)
	if wrong != nil {
		return nil, wrong
	}
	if what := check(mem); what != "" {
		return nil, &FormatError{What: what}
	}
	return newSemLock(&memory{w}, "", limit, o), nil
}

// errValues is the cause of the error for values that no semaphore can have: ValueError or OSError in Python.
var errValues = errors.New("not within 0 ≤ value ≤ limit ≤ 2147483647, 1 ≤ limit")

func checkValues(value, limit int) error {
	if value < 0 || value > limit || limit < 1 || int64(limit) > SemValueMax {
		return fmt.Errorf("synchronize: a semaphore of value %d and limit %d: %w", value, limit, errValues)
	}
	return nil
}
