package pickle

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// integer takes any Go integer as int64, or as *big.Int beyond it.
func integer(v any) (any, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case int:
		return int64(v), true
	case int8:
		return int64(v), true
	case int16:
		return int64(v), true
	case int32:
		return int64(v), true
	case uint8:
		return int64(v), true
	case uint16:
		return int64(v), true
	case uint32:
		return int64(v), true
	case uint:
		return unsigned(uint64(v)), true
	case uint64:
		return unsigned(v), true
	case uintptr:
		return unsigned(uint64(v)), true
	case *big.Int:
		if v == nil {
			return nil, false
		}
		return small(v), true
	}
	return nil, false
}

func unsigned(n uint64) any {
	if n <= math.MaxInt64 {
		return int64(n)
	}
	return new(big.Int).SetUint64(n)
}

// small returns b as int64 where it fits.
func small(b *big.Int) any {
	if b.IsInt64() {
		return b.Int64()
	}
	return b
}

// parseInt reads the argument of INT: a decimal integer, or 00 and 01, the booleans of protocols
// that have no opcodes for them.
func parseInt(arg []byte, maxDigits int) (any, error) {
	if len(arg) == 2 && arg[0] == '0' && (arg[1] == '0' || arg[1] == '1') {
		return arg[1] == '1', nil
	}
	return parseDecimal(arg, maxDigits)
}

// parseLong reads the argument of LONG: a decimal integer, usually with an L behind it.
func parseLong(arg []byte, maxDigits int) (any, error) {
	return parseDecimal(bytes.TrimSuffix(arg, []byte{'L'}), maxDigits)
}

func parseDecimal(arg []byte, maxDigits int) (any, error) {
	arg = bytes.TrimSpace(arg)
	if len(arg) > maxDigits+1 {
		return nil, &LimitError{What: "digits", Limit: int64(maxDigits), Got: int64(len(arg))}
	}
	for i, c := range arg {
		if (c < '0' || c > '9') && (i > 0 || c != '-' && c != '+') {
			return nil, errNumber
		}
	}
	if n, err := strconv.ParseInt(string(arg), 10, 64); err == nil {
		return n, nil
	}
	b, ok := new(big.Int).SetString(string(arg), 10)
	if !ok {
		return nil, errNumber
	}
	return small(b), nil
}

// parseLongBytes reads the argument of LONG1 and LONG4: two's complement, little-endian, of any
// length; no bytes at all are zero.
func parseLongBytes(arg []byte) any {
	n := len(arg)
	if n == 0 {
		return int64(0)
	}
	negative := arg[n-1] >= 0x80
	if n <= 8 {
		var b [8]byte
		if negative {
			b = [8]byte{255, 255, 255, 255, 255, 255, 255, 255}
		}
		copy(b[:], arg)
		return int64(binary.LittleEndian.Uint64(b[:]))
	}
	mag := slices.Clone(arg)
	slices.Reverse(mag)
	if negative {
		negate(mag)
	}
	b := new(big.Int).SetBytes(mag)
	if negative {
		b.Neg(b)
	}
	return small(b)
}

// negate turns a big-endian number in two's complement into its negative.
func negate(b []byte) {
	carry := true
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = ^b[i]
		if carry {
			b[i]++
			carry = b[i] == 0
		}
	}
}

// appendLongBytes is the reverse of parseLongBytes, in as few bytes as CPython takes.
func appendLongBytes(dst []byte, b *big.Int) []byte {
	if b.Sign() == 0 {
		return dst
	}
	from := len(dst)
	size := b.BitLen()/8 + 1
	dst = append(dst, make([]byte, size)...)
	two := dst[from:]
	b.FillBytes(two)
	if b.Sign() < 0 {
		negate(two)
		// -128 is one byte, although its magnitude has eight bits.
		if len(two) > 1 && two[0] == 0xff && two[1] >= 0x80 {
			copy(two, two[1:])
			dst = dst[:len(dst)-1]
		}
	}
	slices.Reverse(dst[from:])
	return dst
}

// parseFloat reads the argument of FLOAT: what float() takes of it.
func parseFloat(arg []byte) (float64, error) {
	s := strings.TrimSpace(string(arg))
	if len(s) > maxFloatText || strings.ContainsAny(s, "xXpP_") {
		return 0, errNumber
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, errNumber
	}
	return f, nil
}

// maxFloatText is longer than any repr of a float, and short enough to be parsed in no time.
const maxFloatText = 1 << 10

// appendFloat is the reverse of parseFloat.
func appendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64)
}
