package values_test

import (
	"testing"

	"mpbridge/internal/testing/testkeys"
	"mpbridge/managers/internal/values"
)

func BenchmarkKey(b *testing.B) {
	for name, key := range testkeys.Keys() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := values.KeyFor(key, values.DictKey); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
