package durable_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"mpbridge/managers/queue"
	"mpbridge/managers/queue/durable"
	"mpbridge/managers/queue/wal"

	"github.com/stretchr/testify/require"
)

// BenchmarkPut is put of items of 100 bytes, with each policy, beside a queue that does not survive.
func BenchmarkPut(b *testing.B) {
	for _, policy := range []string{"memory", "never", "always"} {
		for _, producers := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("%s/%d", policy, producers), func(b *testing.B) {
				var o queue.Options
				if policy != "memory" {
					p, err := wal.ParsePolicy(policy)
					require.NoError(b, err)
					s, err := durable.Open(filepath.Join(b.TempDir(), "data"), &durable.Options{Sync: p})
					require.NoError(b, err)
					b.Cleanup(func() { _ = s.Close() })
					o.Journal = s.Journal("q")
				}
				q := queue.NewEngine("q", o, queue.Host{})
				require.NoError(b, q.Replay())
				m := message(b, make([]byte, 95))
				var left atomic.Int64
				left.Store(int64(b.N))
				var all sync.WaitGroup
				b.ReportAllocs()
				b.ResetTimer()
				for range producers {
					all.Go(func() {
						for left.Add(-1) >= 0 {
							if err := q.Put(nil, m, queue.Wait{}); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				all.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "puts/s")
			})
		}
	}
}

// BenchmarkReplay opens a folder with a million items of 100 bytes.
func BenchmarkReplay(b *testing.B) {
	const n = 1_000_000
	path := filepath.Join(b.TempDir(), "data")
	s, err := durable.Open(path, &durable.Options{Sync: wal.Never})
	require.NoError(b, err)
	q := queue.NewEngine("q", queue.Options{Journal: s.Journal("q")}, queue.Host{})
	require.NoError(b, q.Replay())
	ms := make([]queue.Message, 1000)
	for i := range ms {
		ms[i] = message(b, make([]byte, 95))
	}
	for range n / len(ms) {
		_, err := q.PutMany(nil, ms, queue.Wait{})
		require.NoError(b, err)
	}
	b.ReportMetric(float64(s.Stats().Bytes)/n, "B/item-disk")
	require.NoError(b, s.Close())
	q = nil
	for b.Loop() {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s, err := durable.Open(path, nil)
		require.NoError(b, err)
		q := queue.NewEngine("q", queue.Options{Journal: s.Journal("q")}, queue.Host{})
		require.NoError(b, q.Replay())
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/item-memory")
		require.Equal(b, n, q.Len())
		require.NoError(b, s.Close())
		b.StartTimer()
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "items/s")
}
