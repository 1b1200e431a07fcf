package filelock

import (
	"context"
	"errors"
	"time"
)

// How long to wait before looking again.
const (
	firstPause = 50 * time.Microsecond
	lastPause  = 10 * time.Millisecond
)

// wait tries until the lock is not busy, or ctx is over, and then returns ctx's own error.
func wait(ctx context.Context, try func() error) error {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := try(); !errors.Is(err, ErrBusy) {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}
