//go:build race

package synchronize

import (
	"runtime"
	"sync"
	"unsafe"
)

// The race detector does not look at shared memory. It is told here what a semaphore orders: what was done before
// a Release comes before what is done after the Acquire that it allows.

// order is what the detector knows a semaphore by: the same for all that this process has opened by one name.
type order struct{ at *byte }

var orders sync.Map // of *byte by name

func orderOf(name string, m *memory) order {
	if name == "" {
		return order{(*byte)(unsafe.Pointer(m.word))}
	}
	at, _ := orders.LoadOrStore(name, new(byte))
	return order{at.(*byte)}
}

func (o order) acquired()  { runtime.RaceAcquire(unsafe.Pointer(o.at)) }
func (o order) releasing() { runtime.RaceReleaseMerge(unsafe.Pointer(o.at)) }
