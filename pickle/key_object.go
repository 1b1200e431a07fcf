package pickle

import (
	"math"
	"math/big"
	"strings"
)

// The keys of objects of known classes: those that are equal to others are the same.
type (
	keyRat  string // of a Fraction or Decimal that is no float
	keyUUID [16]byte
)

const (
	// maxKeyDigits is up to how many digits, and which exponent, a Decimal is the key of an equal number: all that a
	// float can be equal to. Beyond it, its text counts.
	maxKeyDigits = 400
	// maxKeyBits is how many bits the two numbers of a Fraction, or the ends of a range, may have to be divided.
	maxKeyBits = 1 << 12
)

// objectKey returns the key of a Decimal, a Fraction, an Instant or a UUID; of what equals nothing it is a NaN.
func objectKey(o *Object) (any, bool) {
	if i, ok := InstantOf(o); ok {
		key, equal := i.Key()
		if !equal {
			return math.NaN(), true
		}
		return key, true
	}
	if id, err := asUUID(o); err == nil {
		return keyUUID(id), true
	}
	if f, ok := specialDecimal(o); ok {
		return f, true
	}
	if args := o.args(); len(args) == 2 && bitsOf(args[0])+bitsOf(args[1]) > maxKeyBits {
		return nil, false
	}
	r, err := asRat(o, maxKeyDigits)
	if err != nil {
		return nil, false
	}
	return ratKey(r), true
}

// bitsOf is how long an integer is.
func bitsOf(v any) int {
	if b, ok := v.(*big.Int); ok && b != nil {
		return b.BitLen()
	}
	return 64
}

// specialDecimal is a Decimal that is infinite or not a number.
func specialDecimal(o *Object) (float64, bool) {
	args := o.args()
	if !o.IsA("decimal", "Decimal") || len(args) != 1 {
		return 0, false
	}
	text, _ := asText(args[0])
	text = strings.ToLower(text)
	switch body := strings.TrimLeft(text, "+-"); {
	case body == "infinity" || body == "inf":
		return math.Inf(1 - 2*strings.Count(text[:1], "-")), true
	case strings.HasPrefix(body, "nan") || strings.HasPrefix(body, "snan"):
		return math.NaN(), true
	}
	return 0, false
}

func ratKey(r *big.Rat) any {
	if r.IsInt() {
		return bigKey(r.Num())
	}
	if f, exact := r.Float64(); exact {
		return f
	}
	return keyRat(r.RatString())
}

// textKey is the key of a str of Python 2: that of the str of Python 3, where both can read it.
func textKey(s ByteString) any {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return s
		}
	}
	return string(s)
}

// rangeKey is what equality sees of a range: how many numbers it has, the first one, and the step to the next.
func rangeKey(r Range) []any {
	start, stop, step := bigOf(r.Start), bigOf(r.Stop), bigOf(r.Step)
	if start == nil || stop == nil || step == nil || step.Sign() == 0 ||
		start.BitLen()+stop.BitLen()+step.BitLen() > maxKeyBits {
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
