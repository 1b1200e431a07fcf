package pickle_test

import (
	"testing"

	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// floats is np.array([1.5, -2.0, 0.0]) as numpy 2 pickles it.
func floats() *pickle.Object {
	call := func(module, name string, args ...any) *pickle.Object {
		return &pickle.Object{Class: pickle.Global{Module: module, Name: name}, Args: pickle.Tuple(args)}
	}
	dtype := call("numpy", "dtype", "f8", false, true)
	dtype.HasState = true
	dtype.State = pickle.Tuple{int64(3), "<", nil, nil, nil, int64(-1), int64(-1), int64(0)}
	o := call("numpy._core.multiarray", "_reconstruct", pickle.Global{Module: "numpy", Name: "ndarray"},
		pickle.Tuple{int64(0)}, []byte("b"))
	o.HasState = true
	o.State = pickle.Tuple{int64(1), pickle.Tuple{int64(3)}, dtype, false,
		[]byte("\x00\x00\x00\x00\x00\x00\xf8\x3f\x00\x00\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x00\x00")}
	return o
}

func TestTheRowsOfAnArrayAreTheSamePicklesTogetherAsOneByOne(t *testing.T) {
	rows, ok := pickle.NumpyRowsOf(floats())
	require.True(t, ok)
	for _, o := range []*pickle.EncodeOptions{nil, {Protocol: 2}, {Protocol: 2, NativeBytes: true}, {Protocol: 5}} {
		raws, ok, err := rows.Raws(o)
		require.NoError(t, err)
		if !ok {
			require.True(t, o != nil && o.Protocol == 2 && !o.NativeBytes, "but where bytes are text")
			continue
		}
		require.Len(t, raws, 3)
		for i, raw := range raws {
			one, err := pickle.NewRaw(rows.Row(i), o)
			require.NoError(t, err)
			assert.Equal(t, one.Bytes(), raw.Bytes())
		}
	}
}

type refusingMeter struct{}

func (refusingMeter) Spend(int, int) error { return assert.AnError }

func TestTheRowsOfAnArrayAreCounted(t *testing.T) {
	rows, ok := pickle.NumpyRowsOf(floats())
	require.True(t, ok)
	_, _, err := rows.Raws(&pickle.EncodeOptions{Meter: refusingMeter{}})
	assert.ErrorIs(t, err, assert.AnError)
}
