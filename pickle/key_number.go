package pickle

import (
	"math"
	"math/big"
)

// This file gives all numbers that are equal in Python one key.

// numberKey returns the key of a number that is no object.
func numberKey(k any) (any, bool) {
	switch k := k.(type) {
	case bool:
		if k {
			return int64(1), true
		}
		return int64(0), true
	case float64:
		return floatKey(k), true
	case float32:
		return floatKey(float64(k)), true
	case complex128:
		if imag(k) == 0 {
			return floatKey(real(k)), true
		}
		return complex(real(k)+0, imag(k)), true // -0.0 is 0.0
	case complex64:
		return numberKey(complex128(k))
	}
	i, ok := integer(k)
	if b, isBig := i.(*big.Int); isBig {
		return bigKey(b), ok
	}
	return i, ok
}

func floatKey(f float64) any {
	if f != math.Trunc(f) || math.IsInf(f, 0) || math.IsNaN(f) {
		return f
	}
	if f >= -(1<<63) && f < 1<<63 {
		return int64(f)
	}
	b, _ := new(big.Float).SetFloat64(f).Int(nil)
	return bigKey(b)
}

func bigKey(b *big.Int) any {
	if b.IsInt64() {
		return b.Int64()
	}
	if key, ok := roundKey(b); ok {
		return key
	}
	sign := []byte{'+'}
	if b.Sign() < 0 {
		sign[0] = '-'
	}
	return keyBig(append(sign, b.Bytes()...))
}

// maxRange is how many bits the numbers of a range may have together to be divided, which takes more than linear time.
const maxRange = 1 << 16

// rangeKey is what equality sees of a range: how many numbers it has, the first one, and the step to the next. See
// range_equals in Objects/rangeobject.c.
func rangeKey(r Range) []any {
	start, stop, step := bigOf(r.Start), bigOf(r.Stop), bigOf(r.Step)
	if start == nil || stop == nil || step == nil || step.Sign() == 0 ||
		start.BitLen()+stop.BitLen()+step.BitLen() > maxRange {
		return []any{r.Start, r.Stop, r.Step}
	}
	n := new(big.Int).Sub(stop, start)
	if n.Sign() == 0 || n.Sign() != step.Sign() {
		return []any{int64(0)}
	}
	n.Add(n.Abs(n), new(big.Int).Abs(step)).Sub(n, big.NewInt(1)).Quo(n, new(big.Int).Abs(step))
	if n.IsInt64() && n.Int64() == 1 {
		return []any{int64(1), small(start)}
	}
	return []any{small(n), small(start), small(step)}
}

func bigOf(v any) *big.Int {
	switch n, _ := integer(v); n := n.(type) {
	case int64:
		return big.NewInt(n)
	case *big.Int:
		return n
	}
	return nil
}
