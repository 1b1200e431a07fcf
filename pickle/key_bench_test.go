package pickle_test

import (
	"testing"

	"mpbridge/internal/testing/testkeys"
	"mpbridge/pickle"
)

func BenchmarkKey(b *testing.B) {
	for name, key := range testkeys.Keys() {
		b.Run(name, func(b *testing.B) {
			d := pickle.NewDict(key, nil)
			for i := range 20 {
				_ = d.Set(int64(i), nil)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := d.Get(key); !ok {
					b.Fatal("the key is not found")
				}
			}
		})
	}
}
