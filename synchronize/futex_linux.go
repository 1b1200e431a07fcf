//go:build linux && (amd64 || arm64)

package synchronize

import (
	"math"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Operations and flags of futex(2) and futex_waitv(2): include/uapi/linux/futex.h.
const (
	futexWait    = 0
	futexWake    = 1
	futexPrivate = 128 // for words that only this process has
	futex2U32    = 2
)

// waitvMissing is set once the kernel has said that it has no futex_waitv: before Linux 5.16, and under
// emulators.
var waitvMissing atomic.Bool

// sleepOn sleeps while the word is zero, for at most d. It returns early for many reasons.
func sleepOn(addr *uint32, d time.Duration) error {
	t := unix.NsecToTimespec(int64(d))
	_, _, errno := unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(addr)), futexWait, 0,
		uintptr(unsafe.Pointer(&t)), 0, 0)
	return sleepError(errno)
}

// futexWaiter is struct futex_waitv.
type futexWaiter struct {
	_     uint64 // the value for which to sleep: zero
	addr  uint64
	flags uint32
	_     uint32
}

// sleepOnBoth sleeps while both words are zero, the second being one of this process. It returns after a
// second at the latest, and where the kernel knows only one word at a time, much earlier.
func sleepOnBoth(shared, private *uint32) error {
	if waitvMissing.Load() {
		if atomic.LoadUint32(private) != 0 {
			return nil
		}
		return sleepOn(shared, blindSleep)
	}
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return err
	}
	end := unix.NsecToTimespec(now.Nano() + int64(longSleep))
	// The addresses are written as integers, which keep nothing alive: private is a field of the SemLock
	// that waits, and does not move.
	waiters := [2]futexWaiter{
		{addr: uint64(uintptr(unsafe.Pointer(shared))), flags: futex2U32},
		{addr: uint64(uintptr(unsafe.Pointer(private))), flags: futex2U32 | futexPrivate},
	}
	_, _, errno := unix.Syscall6(unix.SYS_FUTEX_WAITV, uintptr(unsafe.Pointer(&waiters)), uintptr(len(waiters)), 0,
		uintptr(unsafe.Pointer(&end)), unix.CLOCK_MONOTONIC, 0)
	if errno == unix.ENOSYS || errno == unix.EPERM { // EPERM: filters of older containers
		waitvMissing.Store(true)
		return nil
	}
	return sleepError(errno)
}

// sleepError tells a sleep that ended from one that could not begin.
func sleepError(errno syscall.Errno) error {
	switch errno {
	case 0, unix.EAGAIN, unix.EINTR, unix.ETIMEDOUT:
		return nil
	case unix.EFAULT:
		return ErrFault
	}
	return errno
}

// wakeOne wakes one of those that sleep on a word of shared memory.
func wakeOne(addr *uint32) error {
	_, _, errno := unix.Syscall(unix.SYS_FUTEX, uintptr(unsafe.Pointer(addr)), futexWake, 1)
	return sleepError(errno)
}

func wakeBell(addr *uint32) {
	_, _, _ = unix.Syscall(unix.SYS_FUTEX, uintptr(unsafe.Pointer(addr)), futexWake|futexPrivate, math.MaxInt32)
}
