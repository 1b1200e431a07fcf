package pickle_test

import (
	"io"
	"testing"
	"time"

	"mpbridge/pickle"
)

// seed adds the vectors, and each opcode alone.
func seed(f *testing.F) {
	f.Helper()
	for _, v := range readVectors(f) {
		if len(v.data) < 4096 {
			f.Add(v.data)
		}
	}
	for b, name := range pickle.OpcodeNames() {
		if name != "" {
			f.Add([]byte{'N', 'N', '(', 'K', 1, byte(b), 1, 0, 0, 0, '\n', '\n', '.'})
		}
	}
}

// small are limits that make a fuzzer fast.
var small = &pickle.DecodeOptions{
	MaxItems: 1 << 16,
	MaxMemo:  1 << 12,
	MaxDepth: 1 << 8,
	MaxBytes: 1 << 16,
}

func FuzzUnmarshal(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var x any
		if small.Unmarshal(data, &x) != nil {
			return
		}
		_ = pickle.TypeName(x)
		if s, ok := x.(interface{ String() string }); ok && len(s.String()) > 1<<16 {
			t.Fatal("a text without bound")
		}
		for _, o := range allOptions() {
			rewrite(t, x, o)
		}
	})
}

// rewrite writes x and reads it again, three times, and expects no change in the end. At first str
// and bytes may change places, as they do between Python 2 and 3, and that may make a call one that
// is recognised, or no longer.
func rewrite(t *testing.T, x any, o *pickle.EncodeOptions) {
	var y any
	data, err := o.Marshal(x)
	for round := range 3 {
		if err != nil {
			if round == 0 {
				return
			}
			t.Fatalf("%+v: round %d: %v", *o, round, err)
		}
		if err := pickle.Unmarshal(data, &y); err != nil {
			t.Fatalf("%+v: %v\n%s", *o, err, listing(data))
		}
		last := round == 2 || round == 1 && !o.NativeBytes && o.Protocol >= 3
		if last && !pickle.Equal(x, y) {
			t.Fatalf("%+v:\n%v\nbecame\n%v\n%s", *o, x, y, listing(data))
		}
		x = y
		data, err = o.Marshal(x)
	}
}

func FuzzReader(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		offsets, err := pickle.ReadOps(data)
		for i := 1; i < len(offsets); i++ {
			if offsets[i] <= offsets[i-1] || offsets[i] >= len(data) {
				t.Fatalf("offset %d after %d", offsets[i], offsets[i-1])
			}
		}
		var x any
		if err != nil && small.Unmarshal(data, &x) == nil {
			t.Fatalf("the reader refuses what Unmarshal takes: %v", err)
		}
	})
}

// everything has a field of each kind that Assign fills.
type everything struct {
	A any
	B bool
	C []byte
	D map[string]everything
	E []everything
	F float64
	G *everything
	I int8
	M map[any]int
	R pickle.Raw
	S string
	T time.Time
	U time.Duration
	V [2]int
	X [16]byte
}

func FuzzAssign(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var (
			a everything
			b []everything
			c map[string]everything
			d []int
			e time.Time
			g map[int]any
			h string
		)
		for _, dst := range []any{&a, &b, &c, &d, &e, &g, &h} {
			_ = small.Unmarshal(data, dst)
		}
	})
}

func FuzzDisassemble(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		err := pickle.Disassemble(io.Discard, data)
		var x any
		if err != nil && small.Unmarshal(data, &x) == nil {
			t.Fatalf("the listing refuses what Unmarshal takes: %v", err)
		}
	})
}
