package pickle_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mpbridge/pickle"
)

// benchValues are the shapes that manager traffic has, and two bulk ones.
func benchValues() map[string]any {
	ints := make([]any, 100_000)
	for i := range ints {
		ints[i] = int64(i)
	}
	dict := new(pickle.Dict)
	for i := range 10_000 {
		_ = dict.Set(fmt.Sprintf("key%d", i), float64(i))
	}
	request := pickle.Tuple{
		"7fabe7f0f3d0", "put",
		pickle.Tuple{pickle.NewDict("n", 5, "name", "task-12", "args", pickle.Tuple{int64(1), 2.5})},
		new(pickle.Dict), nil,
	}
	return map[string]any{
		"request":   request,
		"ints_1e5":  &pickle.List{Items: ints},
		"dict_1e4":  dict,
		"bytes_1MB": make([]byte, 1<<20),
	}
}

func BenchmarkUnmarshal(b *testing.B) {
	for name, v := range benchValues() {
		for _, proto := range []int{2, 4} {
			data, err := (&pickle.EncodeOptions{Protocol: proto, NativeBytes: proto == 2}).Marshal(v)
			require.NoError(b, err)
			b.Run(fmt.Sprintf("%s/p%d", name, proto), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(data)))
				for b.Loop() {
					var v any
					if err := pickle.Unmarshal(data, &v); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkUnmarshalAlias(b *testing.B) {
	data, err := pickle.Marshal(make([]byte, 1<<20))
	require.NoError(b, err)
	o := &pickle.DecodeOptions{Alias: true}
	b.ReportAllocs()
	for b.Loop() {
		var v []byte
		if err := o.Unmarshal(data, &v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMarshal(b *testing.B) {
	for name, v := range benchValues() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := pickle.Marshal(v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMarshalBuffers(b *testing.B) {
	v := pickle.Tuple{"#RETURN", make([]byte, 1<<20)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (*pickle.EncodeOptions)(nil).Buffers(v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRefusal(b *testing.B) {
	b.ReportAllocs()
	data := []byte("\x80\x04\x8e\x00\x00\x00\x00\x00\x01\x00\x00.")
	for b.Loop() {
		var v any
		if err := pickle.Unmarshal(data, &v); err == nil {
			b.Fatal("accepted")
		}
	}
}

func BenchmarkUnmarshalArray(b *testing.B) {
	for _, name := range []string{"f8", "i4"} {
		size := int64(name[1] - '0')
		a := arrayOf(dims(1<<20), dtypeOf(name, "<", -1), make([]byte, size<<20))
		data, err := pickle.Marshal(a)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name+" to float64", func(b *testing.B) {
			b.SetBytes(size << 20)
			b.ReportAllocs()
			for b.Loop() {
				var to []float64
				if err := (&pickle.DecodeOptions{Alias: true}).Unmarshal(data, &to); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
