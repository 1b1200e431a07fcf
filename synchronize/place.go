package synchronize

import (
	"sync/atomic"
)

// Place makes a semaphore without a name in 32 bytes of shared memory, aligned to 8, and opens it. Whoever
// shares the memory opens it with At; a Python gives its address to SemLock._rebuild. The memory must stay
// until Close has returned. Nobody may use it before Place has.
func Place(mem []byte, value, limit int, o *Options) (*SemLock, error) {
	if err := o.checked(value, limit); err != nil {
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
	if err := o.checked(0, limit); err != nil {
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
