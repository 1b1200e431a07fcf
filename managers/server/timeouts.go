package server

import (
	"math"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
)

// The timeouts of calls, as the classes of Python read them. Most look at a timeout only once they have to wait, and
// what it is worth then depends on who waits: Lib/queue.py, threading.Semaphore and threading.Barrier add it to the
// time, which takes Fractions and no Decimals; threading.Condition hands it to a lock, which takes both since Python
// 3.15, and as here; and a lock cannot wait longer than threading.TIMEOUT_MAX. Python 2 waits in naps, for as long as
// it likes.

// longestWait is what a time.Duration holds, and threading.TIMEOUT_MAX.
const longestWait = time.Duration(math.MaxInt64)

// timeout is an argument that may be one.
type timeout struct {
	given   bool    // and not None
	sec     float64 // infinite, too, where err is an OverflowError
	err     error   // why it is no float
	class   string  // of what cannot be added to the time
	number  bool    // it is one, though it may be too large for a float
	decimal bool    // it is one that Python adds to no float
	below   error   // why it cannot be compared with 0
}

// timeoutAt reads the argument for parameter i. What is wrong with it is in the timeout; the error is that of a value
// that cannot be opened.
func (c *Call) timeoutAt(i int) (timeout, error) {
	if !c.Given(i) || c.Value(i).IsNone() {
		return timeout{}, nil
	}
	v, err := c.open(c.Value(i))
	if err != nil {
		return timeout{}, err
	}
	return timeoutOf(v), nil
}

func timeoutOf(v any) timeout {
	t := timeout{given: true, decimal: values.IsDecimal(v)}
	t.sec, t.err = values.Float(v)
	t.number = t.err == nil || t.sec != 0
	if t.decimal {
		_, t.below = values.Compare(values.LT, v, int64(0))
	}
	if !t.number || t.decimal {
		t.class = values.TypeName(v)
	}
	return t
}

// notAdded is the TypeError of adding what is no number, or a Decimal, to the time.
func (t timeout) notAdded() error {
	return managers.ErrTypeError.New("timeout must be a number or None, and no Decimal: it is added to the time; not " + t.class)
}

// Timeout returns the argument for parameter i, seconds or None, as the time when it ends. The zero
// time is never. A negative timeout is a ValueError, as queue.Queue has it. One that is longer than threads of Python 3
// can wait is an OverflowError once the call waits for an object of this package.
func (c *Call) Timeout(i int) (time.Time, error) {
	t, err := c.timeoutAt(i)
	switch {
	case err != nil || !t.given:
		return time.Time{}, err
	case t.below != nil: // InvalidOperation, of a NaN
		return time.Time{}, t.below
	case !t.number:
		return time.Time{}, t.notAdded()
	case t.sec < 0:
		return time.Time{}, managers.ErrValueError.New("'timeout' must be a non-negative number")
	case t.err != nil:
		return time.Time{}, t.err
	case t.decimal:
		return time.Time{}, t.notAdded()
	}
	return c.deadline(t.sec), nil
}

// deadline is the time so many seconds from now; NaN is never, since each look at the clock finds it in the future.
// What is too long for threads has the call fail where it would begin to wait; waits of Python 2 have no bound.
func (c *Call) deadline(sec float64) time.Time {
	switch {
	case math.IsNaN(sec):
		return time.Time{}
	case sec >= longestWait.Seconds():
		if !c.Dialect().NativeBytes {
			c.unwaitable = managers.ErrOverflowError.New("timestamp out of range for platform time_t")
		}
		return time.Time{}
	}
	return time.Now().Add(time.Duration(max(sec, 0) * float64(time.Second)))
}

// sum is the end of a wait that adds the timeout to the time: of Semaphore.acquire and Barrier.wait. What is wrong with
// it shows when the call waits.
func (c *Call) sum(t timeout) time.Time {
	switch {
	case !t.given:
		return time.Time{}
	case !t.number, t.decimal:
		c.unwaitable = t.notAdded()
	case t.err != nil:
		c.unwaitable = t.err
	default:
		return c.deadline(t.sec)
	}
	return time.Time{}
}

// moment is the end of a wait of threading.Condition and Event: not after now is at once. What is wrong with it
// shows when the call waits.
func (c *Call) moment(t timeout) time.Time {
	switch {
	case !t.given:
		return time.Time{}
	case c.Dialect().NativeBytes:
		return c.sum(t)
	case !t.number:
		c.unwaitable = t.notAdded()
	case math.IsNaN(t.sec) || t.sec <= 0:
		return time.Now()
	case t.err != nil:
		c.unwaitable = t.err
	default:
		return c.deadline(t.sec)
	}
	return time.Time{}
}

// lockTime reads the timeout of Lock.acquire, which looks at it in any case: Modules/_threadmodule.c,
// lock_acquire_parse_args.
func (c *Call) lockTime(t timeout, block bool) (time.Time, error) {
	switch {
	case !t.given:
		return time.Time{}, managers.ErrTypeError.New("'NoneType' object cannot be interpreted as an integer")
	case !t.number:
		return time.Time{}, managers.ErrTypeError.New("'" + t.class + "' object cannot be interpreted as an integer")
	case math.IsNaN(t.sec):
		return time.Time{}, managers.ErrValueError.New("Invalid value NaN (not a number)")
	case math.Abs(t.sec) >= longestWait.Seconds():
		return time.Time{}, managers.ErrOverflowError.New("timestamp too large to convert to C PyTime_t")
	case !block && t.sec != -1:
		return time.Time{}, managers.ErrValueError.New("can't specify a timeout for a non-blocking call")
	case t.sec == -1:
		return time.Time{}, nil
	case t.sec < 0:
		return time.Time{}, managers.ErrValueError.New("timeout value must be a non-negative number")
	}
	return c.deadline(t.sec), nil
}
