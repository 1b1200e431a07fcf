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

// parseInt reads the argument of INT: an integer, or 00 and 01, the booleans of protocols that have no
// opcodes for them.
func parseInt(arg []byte, maxDigits int) (any, error) {
	if len(arg) == 2 && arg[0] == '0' && (arg[1] == '0' || arg[1] == '1') {
		return arg[1] == '1', nil
	}
	return parseLong(arg, maxDigits)
}

// parseLong reads the argument of LONG: an integer, usually with an L behind it. What any of the Pythons takes is
// taken: an L behind an INT and blanks behind the L, as in Python 2, prefixes as in 0x1f, as in all before 3.14, and
// single underscores, as in Python 3. A number that begins with 0 and is decimal in the newest is octal in the others.
func parseLong(arg []byte, maxDigits int) (any, error) {
	return parseDigits(shortened(arg), 0, maxDigits)
}

// shortened takes off the L of a long integer.
func shortened(arg []byte) []byte {
	arg = bytes.Trim(arg, blanks)
	if n := len(arg); n > 0 && (arg[n-1] == 'L' || arg[n-1] == 'l') {
		arg = arg[:n-1]
	}
	return arg
}

// blanks is what int() takes for space.
const blanks = " \t\n\v\f\r"

// parseDigits reads an integer as int() does. Base 0 means 10, or what a prefix says.
func parseDigits(arg []byte, base, maxDigits int) (any, error) {
	if arg = bytes.Trim(arg, blanks); len(arg) > maxDigits+1 {
		return nil, &LimitError{What: "digits", Limit: int64(maxDigits), Got: int64(len(arg))}
	}
	digits, base, ok := numeral(arg, base)
	if !ok {
		return nil, errNumber
	}
	if n, err := strconv.ParseInt(digits, base, 64); err == nil {
		return n, nil
	}
	b, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return nil, errNumber
	}
	return small(b), nil
}

// numeral returns a sign, if there is one, and digits, without what int() takes among them, and their base.
func numeral(arg []byte, base int) (digits string, in int, ok bool) {
	text, sign := bytes.Trim(arg, blanks), ""
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		sign, text = strings.TrimPrefix(string(text[:1]), "+"), text[1:]
	}
	if base == 0 {
		base, text = prefixed(text)
	}
	if bytes.IndexByte(text, '_') >= 0 {
		if text[0] == '_' || text[len(text)-1] == '_' || bytes.Contains(text, []byte("__")) {
			return "", base, false
		}
		text = bytes.ReplaceAll(text, []byte{'_'}, nil)
	}
	for _, c := range text {
		if v, hex := hexDigit(c); !hex || int(v) >= base {
			return "", base, false
		}
	}
	return sign + string(text), base, len(text) > 0
}

// prefixed takes the prefix off a number.
func prefixed(text []byte) (base int, digits []byte) {
	base = 10
	if len(text) > 1 && text[0] == '0' {
		switch text[1] {
		case 'x', 'X':
			base = 16
		case 'o', 'O':
			base = 8
		case 'b', 'B':
			base = 2
		}
	}
	if base == 10 {
		return base, text
	}
	text = text[2:]
	if len(text) > 0 && text[0] == '_' { // one may stand behind a prefix
		text = text[1:]
	}
	return base, text
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

// parseFloat reads the argument of FLOAT: what float() takes of it, but for blanks, underscores, and numbers that
// are beyond a float. Those are an OverflowError in Python, not an infinity.
func parseFloat(arg []byte) (float64, error) {
	s := string(arg)
	if len(s) > maxFloatText || strings.ContainsAny(s, "xXpP_") {
		return 0, errNumber
	}
	if len(s) == 4 && (s[0] == '-' || s[0] == '+') && strings.EqualFold(s[1:], "nan") {
		s = s[1:]
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
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
