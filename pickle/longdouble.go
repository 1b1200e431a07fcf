package pickle

import (
	"encoding/binary"
	"math"
	"strings"
)

// This file reads numpy's longdouble and clongdouble: on x86 the 80 bits of the x87 in 16 bytes, or 12 where addresses
// have 32 bits, of which the others hold whatever was in memory.

// longDouble returns such a scalar as a float64 or complex128 where that is exact. One that is not comes back as an
// object without the bytes that mean nothing, so that equal ones look equal.
func longDouble(o *Object) (any, bool) {
	args := o.args()
	g, _ := o.Class.(Global)
	if read := numpyFunctions[g]; read == nil || g.Name != "scalar" || len(args) != 2 {
		return nil, false
	}
	d, _ := args[0].(*Object)
	if d == nil || !d.IsA("numpy", "dtype") || len(d.args()) == 0 {
		return nil, false
	}
	name, _ := asText(d.args()[0])
	data, ok := bufferOf(args[1])
	parts := 1
	if strings.HasPrefix(name, "c") {
		parts = 2
	}
	size, isLong := map[string]int{"f16": 16, "c32": 16, "f12": 12, "c24": 12}[name]
	if !ok || !isLong || len(data) != size*parts {
		return nil, false
	}
	return longDoubles(o, data, size)
}

func longDoubles(o *Object, data []byte, size int) (any, bool) {
	var parts [2]float64
	var meant []byte
	exact := true
	for i := 0; i*size < len(data); i++ {
		b := data[i*size : (i+1)*size]
		if size == 16 && (b[14] != 0 || b[15] != 0) {
			return nil, false // the four words of other processors
		}
		f, ok := extended(b)
		exact = exact && ok
		parts[i], meant = f, append(meant, b[:10]...)
	}
	switch {
	case !exact:
		return &Object{Class: o.Class, Args: Tuple{"longdouble", meant}}, true
	case len(data) > size:
		return complex(parts[0], parts[1]), true
	}
	return parts[0], true
}

// extended reads a number of the x87: 64 bits of a mantissa, 15 of an exponent, and the sign.
func extended(b []byte) (f float64, exact bool) {
	mantissa, high := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint16(b[8:])
	exp := int(high & 0x7fff)
	switch {
	case exp == 0x7fff && mantissa<<1 != 0:
		return math.NaN(), true
	case exp == 0x7fff:
		f = math.Inf(1)
	default:
		const bias, bits = 16383, 63
		whole := float64(mantissa)
		f = math.Ldexp(whole, exp-bias-bits)
		if mantissa != 0 && (whole >= 1<<64 || uint64(whole) != mantissa || math.Ldexp(f, bias+bits-exp) != whole) {
			return 0, false
		}
	}
	if high&0x8000 != 0 {
		f = -f
	}
	return f, true
}
