// Package synchronize is Python's multiprocessing.synchronize: locks, semaphores, conditions, events and barriers
// that this process shares with stock Pythons of the same machine.
//
//	lock, err := synchronize.OpenLock("/mp-x7k2q9ab", nil) // made by Python, or by NewLock
//	if err != nil {
//		return err
//	}
//	defer lock.Close()
//	if err := lock.Acquire(ctx); err != nil {
//		return err
//	}
//	defer lock.Release()
//
// All of them are made of semaphores of glibc: 32 bytes of shared memory, most often the file
// /dev/shm/sem.NAME, that Python's sem_open, sem_wait and sem_post work on. This package works on the same
// bytes without cgo. It does so on Linux with glibc, on amd64 and arm64. Elsewhere everything compiles and
// fails with [ErrUnsupported]; what a program of musl made is refused.
//
// # Waiting
//
// Whatever waits takes a context, and ends with its cause. A [context.WithTimeout] is what a timeout is in
// Python; its clock is the monotonic one, while Python's timeouts follow steps of the wall clock. Of all
// goroutines that wait for one semaphore only one sleeps in the kernel and takes a thread. [Options].Spin is
// how long it first looks without sleeping.
//
// # What dies
//
// The format knows no owner. A lock whose holder died stays taken, for Python too, and nothing in it tells
// so; who knows by other means, because it was his child, says so by [Lock.Repair]. A process that died while
// it waited for a [Condition], an [Event] or a [Barrier] makes Python's next notify wait for ever: see
// [Options].Gone and [Condition.Repair].
//
// # Names
//
// A name is what sem_open takes: "/mp-x7k2q9ab". Whoever made one unlinks it. Python unlinks those that it
// made when the object is collected or the process ends, so a name that came from Python should be opened
// before anything slow. Objects of the fork context have none ([ErrNoName]).
package synchronize
