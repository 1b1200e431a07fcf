package jsonvalue

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"math/big"
	"strconv"
	"strings"

	"mpbridge/pickle"
)

// dtypeObject makes a dtype as numpy pickles it.
func dtypeObject(t numberType, order binary.ByteOrder) *pickle.Object {
	mark := "<"
	switch {
	case t.size == 1:
		mark = "|"
	case order == binary.BigEndian:
		mark = ">"
	}
	o := called("numpy", "dtype", t.code, false, true)
	o.State, o.HasState = pickle.Tuple{
		int64(3), mark, nil, nil, nil, int64(-1), int64(-1), int64(0),
	}, true
	return o
}

// scalarValue makes a scalar of numpy.
func (b *builder) scalarValue(m *members) (any, error) {
	name := strings.TrimPrefix(m.class, "numpy.")
	t, _ := numberTypeBy(func(t numberType) bool { return t.name == name })
	data, ok, err := b.numberBytes(m.take("value"), t, binary.LittleEndian, nil)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, m.wrong("value", "a number that fits "+name)
	}
	return called("numpy.core.multiarray", "scalar", dtypeObject(t, binary.LittleEndian), data), nil
}

// numberBytes appends the bytes of one number; ok is false for what does not fit.
func (b *builder) numberBytes(tree any, t numberType, order binary.ByteOrder, to []byte) (out []byte, ok bool, err error) {
	v, err := b.value(tree, false)
	if err != nil {
		return nil, false, err
	}
	switch t.kind {
	case 'b':
		truth, ok := v.(bool)
		if truth {
			return append(to, 1), ok, nil
		}
		return append(to, 0), ok, nil
	case 'i', 'u':
		n, ok := integerBits(v, t)
		return appendBits(to, order, t.size, n), ok, nil
	case 'f':
		f, ok := floatBits(v, t.size)
		return appendBits(to, order, t.size, f), ok, nil
	}
	c, ok := v.(complex128)
	if !ok {
		var f float64
		if f, ok = asFloat(v); ok {
			c = complex(f, 0)
		}
	}
	re, _ := floatBits(real(c), t.size/2)
	im, _ := floatBits(imag(c), t.size/2)
	return appendBits(appendBits(to, order, t.size/2, re), order, t.size/2, im), ok, nil
}

func integerBits(v any, t numberType) (uint64, bool) {
	bits := uint(8 * t.size)
	switch n := v.(type) {
	case int64:
		if t.kind == 'u' {
			return uint64(n), n >= 0 && (bits == 64 || n < 1<<bits)
		}
		return uint64(n), n>>(bits-1) == 0 || n>>(bits-1) == -1
	case *big.Int:
		return n.Uint64(), t.kind == 'u' && bits == 64 && n.IsUint64()
	}
	return 0, false
}

func asFloat(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, true
	case int64:
		return float64(n), true
	case string:
		f, err := strconv.ParseFloat(n, 64)
		return f, err == nil
	}
	return 0, false
}

func floatBits(v any, size int) (uint64, bool) {
	f, ok := asFloat(v)
	switch size {
	case 2:
		return uint64(halfBits(f)), ok
	case 4:
		return uint64(math.Float32bits(float32(f))), ok
	}
	return math.Float64bits(f), ok
}

// halfBits is the IEEE 754 binary16 that is nearest to f, of two the even one.
func halfBits(f float64) uint16 {
	sign := uint16(math.Float64bits(f)>>48) & 0x8000
	a := math.Abs(f)
	switch {
	case math.IsNaN(f):
		return sign | 0x7e00
	case a >= 65520:
		return sign | 0x7c00
	case a < 0x1p-14:
		return sign | uint16(math.RoundToEven(a*0x1p24))
	}
	_, exponent := math.Frexp(a)
	exponent-- // a = m * 2**exponent, 1 <= m < 2
	m := uint16(math.RoundToEven(math.Ldexp(a, 10-exponent)))
	return sign | (uint16(exponent+14)<<10 + m) // the top bit of m is the 1 that is missing from +15
}

func appendBits(to []byte, order binary.ByteOrder, size int, n uint64) []byte {
	var b [8]byte
	if order == binary.BigEndian {
		binary.BigEndian.PutUint64(b[:], n)
		return append(to, b[8-size:]...)
	}
	binary.LittleEndian.PutUint64(b[:], n)
	return append(to, b[:size]...)
}

// dtypeNamed reads "float64", "<f8" or ">f8".
func dtypeNamed(name string) (numberType, binary.ByteOrder, bool) {
	code := strings.TrimLeft(name, "<>|=")
	t, ok := numberTypeBy(func(t numberType) bool {
		return t.code == code || t.name == name || strings.TrimSuffix(t.name, "_") == name
	})
	if strings.HasPrefix(name, ">") {
		return t, binary.BigEndian, ok
	}
	return t, binary.LittleEndian, ok
}

// arrayValue makes an array of numpy.
func (b *builder) arrayValue(m *members) (any, error) {
	name, err := m.text("dtype")
	if err != nil {
		return nil, err
	}
	t, order, ok := dtypeNamed(name)
	if !ok {
		return nil, m.wrong("dtype", "a type of numbers as float64 or >i4")
	}
	shape, err := m.array("shape")
	if err != nil {
		return nil, err
	}
	dims, n, ok := shapeOf(pickle.Tuple(shape), math.MaxInt32)
	if !ok {
		return nil, m.wrong("shape", "sizes")
	}
	data, err := b.arrayData(m, t, order, dims)
	if err != nil {
		return nil, err
	}
	if int64(len(data)) != int64(n)*int64(t.size) {
		return nil, m.wrong("shape", "the shape of the elements")
	}
	size := make(pickle.Tuple, len(dims))
	for i, d := range dims {
		size[i] = int64(d)
	}
	o := called("numpy.core.multiarray", "_reconstruct",
		pickle.Global{Module: "numpy", Name: "ndarray"}, pickle.Tuple{int64(0)}, []byte("b"))
	o.State, o.HasState = pickle.Tuple{int64(1), size, dtypeObject(t, order), false, data}, true
	return o, nil
}

// arrayData reads the elements in C order.
func (b *builder) arrayData(m *members, t numberType, order binary.ByteOrder, dims []int) ([]byte, error) {
	if m.has("base64") {
		text, err := m.text("base64")
		if err != nil {
			return nil, err
		}
		data, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, m.wrong("base64", "base64")
		}
		return data, nil
	}
	if !m.has("items") {
		return nil, m.wrong("items", "the elements")
	}
	var data []byte
	var walk func(tree any, dims []int) error
	walk = func(tree any, dims []int) error {
		if len(dims) == 0 {
			var ok bool
			var err error
			if data, ok, err = b.numberBytes(tree, t, order, data); err == nil && !ok {
				err = m.wrong("items", "numbers that fit "+t.name)
			}
			return err
		}
		a, ok := tree.(array)
		if !ok || len(a) != dims[0] {
			return m.wrong("items", "arrays of the shape")
		}
		for _, part := range a {
			if err := walk(part, dims[1:]); err != nil {
				return err
			}
		}
		return nil
	}
	err := walk(m.take("items"), dims)
	return data, err
}
