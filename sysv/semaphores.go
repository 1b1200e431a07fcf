package sysv

import (
	"context"
	"errors"
	"math"
)

const whatSemaphores = "semaphores"

// Semaphores is a set of semget's, of one or more. Its methods may be called from any goroutine.
type Semaphores struct {
	// Undo has the kernel take back what Acquire and Release of this process did, when the process ends, however it
	// does: a lock is then free again. It counts what was done to each semaphore, so whoever acquires with it has to
	// release with it. Set it before the first call.
	Undo bool

	id, n int
}

// CreateSemaphores makes a set that has to be new, which is ErrExist where it is not, with these values. Others see them
// all at once: until then they are 0. With CreateOptions.Existing the values of a set that is there stay as they are.
func CreateSemaphores(key Key, values []int, o *CreateOptions) (*Semaphores, error) {
	flags, err := o.flags()
	if err == nil {
		err = checkValues(values)
	}
	if err != nil {
		return nil, err
	}
	id, err := semget(key, len(values), flags|ipcExclusive)
	if errors.Is(err, ErrExist) && flags&ipcExclusive == 0 {
		return OpenSemaphores(key)
	}
	if err != nil {
		return nil, &Error{"create", whatSemaphores, int(key), err}
	}
	s := &Semaphores{id: id, n: len(values)}
	first := make([]Operation, len(values))
	for i, v := range values {
		first[i] = Operation{Number: i, Delta: v}
	}
	if err := semop(id, first, false); err != nil { // it also says when the set was first used: see SemaphoreInfo
		_ = semremove(id)
		return nil, &Error{"create", whatSemaphores, int(key), err}
	}
	return s, nil
}

// maxSet is how many operations a kernel allows at once (SEMOPM), unless it was told otherwise.
const maxSet = 500

func checkValues(values []int) error {
	if len(values) < 1 || len(values) > maxSet {
		return &LimitError{limitSet, maxSet, int64(len(values))}
	}
	for _, v := range values {
		if v < 0 || v > MaxValue {
			return &LimitError{limitValue, MaxValue, int64(v)}
		}
	}
	return nil
}

// OpenSemaphores opens a set that is there.
func OpenSemaphores(key Key) (*Semaphores, error) {
	id, err := semget(key, 0, 0)
	if err != nil {
		return nil, &Error{"open", whatSemaphores, int(key), err}
	}
	return SemaphoresByID(id)
}

// SemaphoresByID opens the set with an id that its maker told.
func SemaphoresByID(id int) (*Semaphores, error) {
	info, err := semstat(id)
	if err != nil {
		return nil, &Error{"open", whatSemaphores, id, err}
	}
	return &Semaphores{id: id, n: info.Semaphores}, nil
}

// ID returns the number of the object.
func (s *Semaphores) ID() int { return s.id }

// Len returns how many semaphores the set has.
func (s *Semaphores) Len() int { return s.n }

// Acquire waits until the first semaphore of the set is greater than 0, and takes 1 from it.
func (s *Semaphores) Acquire(ctx context.Context) error {
	return s.Do(ctx, Operation{Delta: -1, Undo: s.Undo})
}

// TryAcquire is Acquire that does not wait: ErrBusy.
func (s *Semaphores) TryAcquire() error { return s.TryDo(Operation{Delta: -1, Undo: s.Undo}) }

// Release adds 1 to the first semaphore of the set. It never waits.
func (s *Semaphores) Release() error { return s.TryDo(Operation{Delta: 1, Undo: s.Undo}) }

// Do does all operations at once, as soon as all are possible.
func (s *Semaphores) Do(ctx context.Context, all ...Operation) error {
	err := s.check(all)
	if err == nil {
		if err = semop(s.id, all, false); errors.Is(err, ErrBusy) {
			err = wait(ctx, ErrBusy, func(wait bool) error { return semop(s.id, all, wait) })
		}
	}
	return s.failed("do", err)
}

// TryDo is Do that does not wait: ErrBusy, and nothing was done.
func (s *Semaphores) TryDo(all ...Operation) error {
	err := s.check(all)
	if err == nil {
		err = semop(s.id, all, false)
	}
	return s.failed("do", err)
}

func (s *Semaphores) check(all []Operation) error {
	if len(all) < 1 || len(all) > maxSet {
		return &LimitError{limitOperations, maxSet, int64(len(all))}
	}
	for _, o := range all {
		if err := s.checkNumber(o.Number); err != nil {
			return err
		}
		if o.Delta < math.MinInt16 || o.Delta > MaxValue {
			return &LimitError{limitValue, MaxValue, int64(o.Delta)}
		}
	}
	return nil
}

func (s *Semaphores) checkNumber(number int) error {
	if number < 0 || number >= s.n {
		return &LimitError{limitNumber, int64(s.n - 1), int64(number)}
	}
	return nil
}

// Value returns the value of a semaphore, from 0 in the set.
func (s *Semaphores) Value(number int) (int, error) { return s.control("value", number, semvalue) }

// Waiting returns how many processes wait until a semaphore is greater.
func (s *Semaphores) Waiting(number int) (int, error) {
	return s.control("waiting", number, semwaiting)
}

func (s *Semaphores) control(op string, number int, f func(id, number int) (int, error)) (int, error) {
	err := s.checkNumber(number)
	n := 0
	if err == nil {
		n, err = f(s.id, number)
	}
	return n, s.failed(op, err)
}

// SetValue gives a semaphore a value, wakes who waits for it, and forgets what was to be undone for it.
func (s *Semaphores) SetValue(number, value int) error {
	err := s.checkNumber(number)
	switch {
	case err != nil:
	case value < 0 || value > MaxValue:
		err = &LimitError{limitValue, MaxValue, int64(value)}
	default:
		err = semset(s.id, number, value)
	}
	return s.failed("set", err)
}

// Info asks the kernel for the set's numbers.
func (s *Semaphores) Info() (SemaphoreInfo, error) {
	info, err := semstat(s.id)
	return info, s.failed("info", err)
}

// Remove takes the set away. Who waits gets ErrRemoved.
func (s *Semaphores) Remove() error { return s.failed("remove", semremove(s.id)) }

func (s *Semaphores) failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{op, whatSemaphores, s.id, err}
}
