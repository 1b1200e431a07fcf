package values

import (
	"cmp"
	"math"
	"math/big"

	"mpbridge/pickle"
)

// number returns a number in one of few forms: int64, *big.Int beyond it, float64, complex128 with
// an imaginary part, *big.Rat of a Fraction, *pickle.Decimal of a Decimal.
func number(v any) (any, bool) {
	switch v := v.(type) {
	case int64, float64:
		return v, true
	case bool:
		if v {
			return int64(1), true
		}
		return int64(0), true
	case *big.Int:
		if v == nil {
			return nil, false
		}
		if v.IsInt64() {
			return v.Int64(), true
		}
		return v, true
	case complex128:
		if imag(v) == 0 {
			return real(v), true
		}
		return v, true
	case *pickle.Object:
		return numberObject(v)
	}
	return goNumber(v)
}

// goNumber takes the number types that Go has besides.
func goNumber(v any) (any, bool) {
	switch v := v.(type) {
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
		return number(new(big.Int).SetUint64(uint64(v)))
	case uint64:
		return number(new(big.Int).SetUint64(v))
	case uintptr:
		return number(new(big.Int).SetUint64(uint64(v)))
	case float32:
		return float64(v), true
	case complex64:
		return number(complex128(v))
	}
	return nil, false
}

// equalNumbers compares two results of number.
func equalNumbers(x, y any) bool {
	if x, ok := x.(complex128); ok {
		y, ok := y.(complex128)
		return ok && x == y
	}
	if _, ok := y.(complex128); ok {
		return false
	}
	c, ordered := compareNumbers(x, y)
	return ordered && c == 0
}

// compareNumbers compares two results of number exactly; ordered is false where one is NaN.
func compareNumbers(x, y any) (c int, ordered bool) {
	switch x := x.(type) {
	case int64:
		if y, ok := y.(int64); ok {
			return cmp.Compare(x, y), true
		}
	case float64:
		switch y := y.(type) {
		case float64:
			return compareFloats(x, y)
		case int64, *big.Int:
			c, ordered := compareNumbers(y, x)
			return -c, ordered
		}
	case *big.Int:
		switch y := y.(type) {
		case *big.Int:
			return x.Cmp(y), true
		case int64:
			return x.Sign(), true // number leaves no big.Int within int64
		case float64:
			return compareBig(x, y)
		}
	}
	if x, ok := x.(int64); ok {
		switch y := y.(type) {
		case float64:
			return compareInt(x, y)
		case *big.Int:
			return -y.Sign(), true
		}
	}
	return compareExact(x, y)
}

func compareFloats(x, y float64) (int, bool) {
	switch {
	case x < y:
		return -1, true
	case x > y:
		return 1, true
	}
	return 0, x == y
}

// compareInt compares without rounding.
func compareInt(x int64, y float64) (int, bool) {
	switch {
	case math.IsNaN(y):
		return 0, false
	case y >= 1<<63:
		return -1, true
	case y < -(1 << 63):
		return 1, true
	}
	whole := math.Trunc(y)
	if c := cmp.Compare(x, int64(whole)); c != 0 {
		return c, true
	}
	return cmp.Compare(whole, y), true
}

func compareBig(x *big.Int, y float64) (int, bool) {
	switch {
	case math.IsNaN(y):
		return 0, false
	case math.IsInf(y, 0) || math.Abs(y) < 1<<62:
		if math.IsInf(y, 0) {
			return -int(math.Copysign(1, y)), true
		}
		return x.Sign(), true
	}
	whole, _ := big.NewFloat(y).Int(nil) // a float of this size has no fraction
	return x.Cmp(whole), true
}
