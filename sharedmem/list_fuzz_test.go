package sharedmem_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"mpbridge/pickle"
	"mpbridge/sharedmem"

	"github.com/stretchr/testify/require"
)

// listVectors are the bytes that Python 3.8, and 3.9 and later, make.
var listVectors = []struct {
	layout sharedmem.Layout
	values []any
	bytes  string
}{
	{sharedmem.LayoutSizes, []any{"xxxxxxxx"}, "0100000000000000" + "1000000000000000" +
		"78787878787878780000000000000000" + "3136730000000000" + "01"},
	{sharedmem.LayoutOffsets, []any{"xxxxxxxx"}, "0100000000000000" + "00000000000000001000000000000000" +
		"78787878787878780000000000000000" + "3136730000000000" + "01"},
	{sharedmem.LayoutOffsets, []any{true, nil, -1, 1.5, []byte("b")}, "0500000000000000" +
		"0000000000000000" + "0800000000000000" + "1000000000000000" + "1800000000000000" + "2000000000000000" +
		"2800000000000000" +
		"0000000000000001" + "0000000000000000" + "ffffffffffffffff" + "000000000000f83f" + "6200000000000000" +
		"787878787878783f" + "7878787878783f78" + "7100000000000000" + "6400000000000000" + "3873000000000000" +
		"0003000002"},
	{sharedmem.LayoutSizes, nil, "0000000000000000"},
	{sharedmem.LayoutOffsets, nil, "00000000000000000000000000000000"},
}

// FuzzShareableList reads any bytes as a list. What is one can be written, and read again.
func FuzzShareableList(f *testing.F) {
	for _, v := range listVectors {
		seed, err := hex.DecodeString(v.bytes)
		require.NoError(f, err)
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		mem := bytes.Clone(data)
		n, get, put, err := sharedmem.ParseList(mem)
		if err != nil {
			return
		}
		for i := range n {
			v, err := get(i)
			if err != nil {
				continue
			}
			if put(i, v) != nil {
				continue // an item without a zero byte behind it, or one that ends in half a zero
			}
			again, err := get(i)
			require.NoError(t, err)
			require.True(t, pickle.Equal(v, again), "%v, %v", v, again)
		}
	})
}
