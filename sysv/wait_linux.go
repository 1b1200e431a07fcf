//go:build linux && (amd64 || arm64)

package sysv

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// wake is the signal that ends a system call. The runtime itself sends it to threads, for preemption, and makes nothing
// of one that it did not send. The calls of System V return EINTR after any signal, and are never restarted.
const wake = unix.SIGURG

// How long to wait before a thread is woken again that had not yet begun to wait when it was, and before a call is tried
// again where no signal wakes.
const (
	firstPause = 50 * time.Microsecond
	lastPause  = 10 * time.Millisecond
)

// wait repeats a call, which may wait, until it returns something other than notReady or ctx is over.
func wait(ctx context.Context, notReady error, call func(wait bool) error) error {
	if ctx.Done() == nil {
		return uninterrupted(ctx, call)
	}
	if signal.Ignored(wake) {
		return again(ctx, notReady, call)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	letThrough(wake)
	thread := unix.Gettid()
	done, ended := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		interrupt(thread, done)
	})
	err := uninterrupted(ctx, call)
	close(done)
	if !stop() {
		<-ended // no signal reaches what the thread does next
	}
	return err
}

// uninterrupted repeats a call that a signal ended, until ctx is over.
func uninterrupted(ctx context.Context, call func(wait bool) error) error {
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := call(true); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// interrupt wakes a thread until it is done: a signal that comes before the thread waits does nothing.
func interrupt(thread int, done <-chan struct{}) {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		_ = unix.Tgkill(os.Getpid(), thread, wake)
		select {
		case <-done:
			return
		case <-time.After(pause):
		}
	}
}

// again is wait where no signal wakes: it looks again and again.
func again(ctx context.Context, notReady error, call func(wait bool) error) error {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		if err := call(false); !errors.Is(err, notReady) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

// letThrough takes a signal out of the mask of this thread, which it may have from the program that started this one.
func letThrough(s unix.Signal) {
	var set unix.Sigset_t
	set.Val[0] = 1 << (uint(s) - 1)
	_ = unix.PthreadSigmask(unix.SIG_UNBLOCK, &set, nil)
}
