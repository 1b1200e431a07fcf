package pickle

import (
	"math"
	"math/big"
	"strconv"
)

// This file gives Decimals and Fractions the keys of equal ints and floats, and of one another.
//
// A Decimal of few bytes may stand for a number of gigabytes. Those with an exponent beyond all floats are therefore not
// multiplied out: they keep their digits, and what ints and Fractions are equal to one take its key.

const (
	// maxExponent is up to which power of ten a Decimal is multiplied out. The smallest float is 5**1074 * 10**-1074.
	maxExponent = 1100
	// maxScale is up to how many digits that is done.
	maxScale = 1 << 14
	// exactWork is how many bytes' work a Decimal or a Fraction is at the least.
	exactWork = 16
)

// exactKey returns the key of what ExactOf returns.
func exactKey(n any) any {
	if r, ok := n.(*big.Rat); ok {
		return ratKey(r)
	}
	d := n.(*Decimal)
	if f := d.Special(); f != 0 {
		return f
	}
	if key, ok := d.shortKey(); ok {
		return key
	}
	switch {
	case len(d.Digits) > maxScale:
	case d.Exp >= 0 && d.Exp <= maxExponent:
		return bigKey(new(big.Int).Mul(d.Coefficient(), powerOfTen(d.Exp)))
	case d.Exp < 0 && d.Exp >= -maxExponent:
		return ratKey(new(big.Rat).SetFrac(d.Coefficient(), powerOfTen(-d.Exp)))
	}
	return d.digitKey()
}

// digitKey is the key of a Decimal that is not multiplied out.
func (d *Decimal) digitKey() keyExact {
	sign := "+"
	if d.Negative {
		sign = "-"
	}
	return keyExact(sign + d.Digits + "e" + strconv.FormatInt(d.Exp, 10))
}

// exactCost is how many bytes' work it takes to make the key of what ExactOf returns.
func exactCost(n any) int {
	words := 0
	switch n := n.(type) {
	case *big.Rat:
		words = (n.Num().BitLen() + n.Denom().BitLen()) / 64
	case *Decimal:
		words = (len(n.Digits) + int(min(max(n.Exp, -n.Exp), maxExponent))) / 19
	}
	return exactWork + 2*words
}

func ratKey(r *big.Rat) any {
	if r.IsInt() {
		return bigKey(r.Num())
	}
	if f, exact := r.Float64(); exact {
		return f
	}
	if key, ok := tenthKey(r); ok {
		return key
	}
	return keyExact(string(r.Num().Append(nil, ratBase)) + "/" + string(r.Denom().Append(nil, ratBase)))
}

// ratBase is the base in which fractions are spelled out.
const ratBase = 36

// roundKey returns the key of a Decimal that is not multiplied out, where an int is equal to one: it ends in so many
// zeros.
func roundKey(b *big.Int) (any, bool) {
	if b.TrailingZeroBits() <= maxExponent || b.BitLen() > maxFraction {
		return nil, false
	}
	if new(big.Int).Rem(b, powerOfTen(maxExponent+1)).Sign() != 0 {
		return nil, false
	}
	return NewDecimal(b, 0).digitKey(), true
}

// tenthKey is roundKey for a fraction: one whose denominator divides a power of ten, and none of the smaller ones.
func tenthKey(r *big.Rat) (any, bool) {
	den := r.Denom()
	if den.BitLen() <= maxExponent || den.BitLen() > maxFraction {
		return nil, false
	}
	twos := int64(den.TrailingZeroBits())
	odd := new(big.Int).Rsh(den, uint(twos))
	fives := int64(math.Round(float64(odd.BitLen()-1) / math.Log2(5)))
	var power *big.Int
	for _, n := range []int64{fives, fives + 1} { // the first digits of the number are not looked at
		if p := new(big.Int).Exp(big.NewInt(5), big.NewInt(n), nil); p.Cmp(odd) == 0 {
			power, fives = p, n
		}
	}
	if power == nil || max(twos, fives) <= maxExponent {
		return nil, false
	}
	exp := max(twos, fives)
	digits := new(big.Int).Mul(r.Num(), new(big.Int).Exp(big.NewInt(5), big.NewInt(exp-fives), nil))
	return NewDecimal(digits.Lsh(digits, uint(exp-twos)), int(-exp)).digitKey(), true
}

// maxShort is how many digits a Decimal may have whose key needs no long numbers.
const maxShort = 18

// shortKey is exactKey of a Decimal that is a quotient of two int64.
func (d *Decimal) shortKey() (any, bool) {
	if len(d.Digits) > maxShort || d.Exp < -maxShort || d.Exp > maxShort-int64(len(d.Digits)) {
		return nil, false
	}
	num, err := strconv.ParseInt("0"+d.Digits, 10, 64)
	if err != nil {
		return nil, false
	}
	if d.Negative {
		num = -num
	}
	den := int64(1)
	for range max(d.Exp, 0) {
		num *= 10
	}
	for range max(-d.Exp, 0) {
		den *= 10
	}
	by := gcd(num, den)
	num, den = num/by, den/by
	switch {
	case den == 1:
		return num, true
	case den&(den-1) == 0 && num < 1<<53 && num > -1<<53:
		return float64(num) / float64(den), true
	}
	return keyExact(strconv.FormatInt(num, ratBase) + "/" + strconv.FormatInt(den, ratBase)), true
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, -a)
}
