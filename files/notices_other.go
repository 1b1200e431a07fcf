//go:build !linux

package files

import (
	"context"
	"os"
	"sync"
	"time"
)

// notices are for systems that are not asked: whoever waits looks every so often.
type notices struct {
	once   sync.Once
	closed chan struct{}
}

// lookOften is how often.
const lookOften = 50 * time.Millisecond

func (n *notices) open(folder string) error {
	n.closed = make(chan struct{})
	_, err := os.Stat(folder)
	return err
}

func (n *notices) close() error {
	err := ErrClosed
	n.once.Do(func() {
		close(n.closed)
		err = nil
	})
	return err
}

func (n *notices) wait(ctx context.Context, most time.Duration, _ *moves) error {
	timer := time.NewTimer(min(most, lookOften))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-n.closed:
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (n *notices) drain(*moves) {}
