package connection

import "runtime"

// yield lets another goroutine run; there is no supported way to call sched_yield(2) from here.
func yield() { runtime.Gosched() }
