//go:build linux && (amd64 || arm64)

package synchronize_test

import (
	"context"
	"testing"
	"time"

	"mpbridge/synchronize"

	"github.com/stretchr/testify/require"
)

func BenchmarkAnUncontendedLock(b *testing.B) {
	lock, err := synchronize.NewLock(nil)
	kept(b, lock, err)
	ctx := context.Background()
	for b.Loop() {
		if lock.Acquire(ctx) != nil || lock.Release() != nil {
			b.Fatal("not acquired or not released")
		}
	}
}

func BenchmarkAnUncontendedRLock(b *testing.B) {
	lock, err := synchronize.NewRLock(nil)
	kept(b, lock, err)
	ctx, me := context.Background(), synchronize.NewOwner()
	for b.Loop() {
		if lock.Acquire(ctx, me) != nil || lock.Release(me) != nil {
			b.Fatal("not acquired or not released")
		}
	}
}

// BenchmarkARoundTrip is one release and one wait of each of two goroutines, which is what two processes do.
func BenchmarkARoundTrip(b *testing.B) {
	for _, c := range []struct {
		name    string
		spin    time.Duration
		limited bool
	}{{"asleep", 0, false}, {"asleep, with a context", 0, true}, {"spinning", 30 * time.Microsecond, false}} {
		b.Run(c.name, func(b *testing.B) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if !c.limited {
				ctx = context.Background()
			}
			there := made(b, 0, 1, &synchronize.Options{Spin: c.spin})
			back := made(b, 0, 1, &synchronize.Options{Spin: c.spin})
			echo := make(chan struct{})
			go func() {
				defer close(echo)
				for there.Acquire(ctx) == nil && back.Release() == nil {
				}
			}()
			for b.Loop() {
				require.NoError(b, there.Release())
				require.NoError(b, back.Acquire(ctx))
			}
			require.NoError(b, there.Close())
			<-echo
		})
	}
}

func BenchmarkAnEvent(b *testing.B) {
	e, err := synchronize.NewEvent(nil)
	kept(b, e, err)
	ctx := context.Background()
	for b.Loop() {
		require.NoError(b, e.Set(ctx))
		require.NoError(b, e.Clear(ctx))
	}
}
