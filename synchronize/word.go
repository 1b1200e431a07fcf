package synchronize

import "sync/atomic"

// word is what a semaphore is to those who use it: the value in the low half, in the high half how many sleep.
// Sources: nptl/sem_waitcommon.c and nptl/sem_post.c of glibc, whose steps these are.
type word uint64

func (w *word) load() uint64 { return atomic.LoadUint64((*uint64)(w)) }

func (w *word) swap(from, to uint64) bool {
	return atomic.CompareAndSwapUint64((*uint64)(w), from, to)
}

// try takes one off the value unless it is zero.
func (w *word) try() bool {
	for {
		d := w.load()
		if uint32(d) == 0 {
			return false
		}
		if w.swap(d, d-1) {
			return true
		}
	}
}

// post adds one to the value unless it is at its limit, and tells whether somebody sleeps who has to be woken.
func (w *word) post(limit uint32) (posted, wake bool) {
	for {
		d := w.load()
		if uint32(d) >= limit {
			return false, false
		}
		if w.swap(d, d+1) {
			return true, d>>32 != 0
		}
	}
}

// enter counts one more sleeper.
func (w *word) enter() { atomic.AddUint64((*uint64)(w), oneSleeper) }

// leave counts one sleeper less, who takes nothing.
func (w *word) leave() { atomic.AddUint64((*uint64)(w), ^uint64(oneSleeper-1)) }

// tryLeave takes one off the value and off the sleepers in one step, unless the value is zero.
func (w *word) tryLeave() bool {
	for {
		d := w.load()
		if uint32(d) == 0 {
			return false
		}
		if w.swap(d, d-1-oneSleeper) {
			return true
		}
	}
}
