package sharedmem

import "context"

// Value is a value of C in shared memory with a lock: multiprocessing.Value. Its methods hold the lock, which other
// processes do only if they use it as well.
//
// In Python value.value += 1 takes the lock twice, and another process may write in between; Update holds it.
type Value[T CType] struct {
	raw  *RawValue[T]
	lock Locker
}

// NewValue joins a value and its lock: multiprocessing.sharedctypes.synchronized.
func NewValue[T CType](raw *RawValue[T], lock Locker) *Value[T] { return &Value[T]{raw, lock} }

// Obj is the value without the lock: get_obj() in Python.
func (v *Value[T]) Obj() *RawValue[T] { return v.raw }

// Lock is the lock: get_lock() in Python.
func (v *Value[T]) Lock() Locker { return v.lock }

// Get returns the value.
func (v *Value[T]) Get(ctx context.Context) (t T, err error) {
	err = locked(ctx, v.lock, func() (err error) {
		t, err = v.raw.Get()
		return err
	})
	return t, err
}

// Set changes the value.
func (v *Value[T]) Set(ctx context.Context, t T) error {
	return locked(ctx, v.lock, func() error { return v.raw.Set(t) })
}

// Update replaces the value by what f makes of it, all under the lock, and returns that.
func (v *Value[T]) Update(ctx context.Context, f func(T) T) (t T, err error) {
	err = locked(ctx, v.lock, func() error {
		old, err := v.raw.Get()
		if err != nil {
			return err
		}
		t = f(old)
		return v.raw.Set(t)
	})
	return t, err
}

// Array is an array of C in shared memory with a lock: multiprocessing.Array. Its methods hold the lock, which other
// processes do only if they use it as well.
type Array[T CType] struct {
	raw  *RawArray[T]
	lock Locker
}

// NewArray joins an array and its lock: multiprocessing.sharedctypes.synchronized.
func NewArray[T CType](raw *RawArray[T], lock Locker) *Array[T] { return &Array[T]{raw, lock} }

// Obj is the array without the lock: get_obj() in Python.
func (a *Array[T]) Obj() *RawArray[T] { return a.raw }

// Lock is the lock: get_lock() in Python.
func (a *Array[T]) Lock() Locker { return a.lock }

// Len is the number of elements.
func (a *Array[T]) Len() int { return a.raw.n }

// Get returns an element. An index outside is ErrRange.
func (a *Array[T]) Get(ctx context.Context, i int) (t T, err error) {
	err = locked(ctx, a.lock, func() (err error) {
		t, err = a.raw.Get(i)
		return err
	})
	return t, err
}

// Set changes an element. An index outside is ErrRange.
func (a *Array[T]) Set(ctx context.Context, i int, t T) error {
	return locked(ctx, a.lock, func() error { return a.raw.Set(i, t) })
}

// Items returns a copy of all elements.
func (a *Array[T]) Items(ctx context.Context) (items []T, err error) {
	err = locked(ctx, a.lock, func() (err error) {
		items, err = a.raw.Items()
		return err
	})
	return items, err
}

// Access calls f with the elements themselves, under the lock. f must not keep them: see SharedMemory.Access.
func (a *Array[T]) Access(ctx context.Context, f func(elements []T) error) error {
	return locked(ctx, a.lock, func() error { return a.raw.Access(f) })
}
