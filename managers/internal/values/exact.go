package values

import (
	"cmp"
	"math"
	"math/big"
	"strings"

	"mpbridge/pickle"
)

// numberObject returns a Decimal or Fraction as a *pickle.Decimal or *big.Rat.
func numberObject(o *pickle.Object) (any, bool) { return pickle.ExactOf(o) }

// magnitude is how many digits stand before the point.
func magnitude(d *pickle.Decimal) int64 { return int64(len(d.Digits)) + d.Exp }

// maxFraction is how many bits or digits of a Fraction are reduced, which takes more than linear
// time.
const maxFraction = 1 << 16

// compareExact compares numbers of which one is a Decimal or Fraction.
func compareExact(x, y any) (int, bool) {
	if c, ordered, done := compareSpecial(x, y); done {
		return c, ordered
	}
	r, isRat := x.(*big.Rat)
	s, isRat2 := y.(*big.Rat)
	switch {
	case isRat && isRat2:
		return r.Cmp(s), true
	case isRat:
		return -compareRat(toDecimal(y), r), true
	case isRat2:
		return compareRat(toDecimal(x), s), true
	}
	if n, isInt := x.(*big.Int); isInt {
		return -compareToInt(toDecimal(y), n), true
	}
	if n, isInt := y.(*big.Int); isInt {
		return compareToInt(toDecimal(x), n), true
	}
	return compareDecimals(toDecimal(x), toDecimal(y)), true
}

// compareSpecial deals with what is not finite.
func compareSpecial(x, y any) (c int, ordered, done bool) {
	f, g := special(x), special(y)
	if f == 0 && g == 0 {
		return 0, false, false
	}
	c, ordered = compareFloats(f, g)
	return c, ordered, true
}

// signals tells whether a number is a Decimal('sNaN').
func signals(n any) bool {
	d, ok := n.(*pickle.Decimal)
	return ok && d.Signaling
}

// refusesOrder tells whether one of two numbers is NaN and one, maybe the same, is a Decimal.
func refusesOrder(x, y any) bool {
	_, first := x.(*pickle.Decimal)
	_, second := y.(*pickle.Decimal)
	return (first || second) && (math.IsNaN(special(x)) || math.IsNaN(special(y)))
}

// invalid is what Decimals say of an order with NaN, and signaling ones of any comparison.
func invalid() error {
	return raise("decimal.InvalidOperation", "[<class 'decimal.InvalidOperation'>]")
}

// special returns the NaN or infinity that a number is, else 0.
func special(n any) float64 {
	switch n := n.(type) {
	case float64:
		if math.IsNaN(n) || math.IsInf(n, 0) {
			return n
		}
	case *pickle.Decimal:
		return n.Special()
	}
	return 0
}

// toDecimal takes any finite number but a Fraction.
func toDecimal(n any) *pickle.Decimal {
	switch n := n.(type) {
	case *pickle.Decimal:
		return n
	case int64:
		return pickle.NewDecimal(big.NewInt(n), 0)
	case *big.Int:
		return pickle.NewDecimal(n, 0)
	case float64:
		r := new(big.Rat).SetFloat64(n)
		// n is num / 2**k, that is num * 5**k / 10**k.
		k := r.Denom().BitLen() - 1
		five := new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(k)), nil)
		return pickle.NewDecimal(five.Mul(five, r.Num()), -k)
	}
	return pickle.NewDecimal(new(big.Int), 0)
}

func powerOfTen(n int64) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil)
}

func compareDecimals(x, y *pickle.Decimal) int {
	sign := x.Sign()
	if sign != y.Sign() || sign == 0 {
		return sign - y.Sign()
	}
	if c := cmp.Compare(magnitude(x), magnitude(y)); c != 0 {
		return sign * c
	}
	return sign * strings.Compare(x.Digits, y.Digits)
}

// compareRat is exact where nearby says so; else a look at the magnitudes is enough.
func compareRat(x *pickle.Decimal, y *big.Rat) int {
	sign := x.Sign()
	if sign != y.Sign() || sign == 0 {
		return sign - y.Sign()
	}
	if c := apart(x, y); c != 0 {
		return sign * c
	}
	left, right := x.Coefficient(), y.Num()
	left.Mul(left, y.Denom())
	if x.Exp >= 0 {
		return left.Mul(left, powerOfTen(x.Exp)).Cmp(right)
	}
	return left.Cmp(new(big.Int).Mul(right, powerOfTen(-x.Exp)))
}

// apart compares the magnitudes of two numbers that are not 0; 0 says that they are too near.
func apart(x *pickle.Decimal, y *big.Rat) int {
	// y is between 10**-low and 10**high: beyond that nothing need be multiplied.
	high, low := int64(y.Num().BitLen()), int64(y.Denom().BitLen())
	switch magnitude := magnitude(x); {
	case magnitude > high+1:
		return 1
	case magnitude < -low-1:
		return -1
	}
	return 0
}

// apartFromInt is apart for an integer.
func apartFromInt(x *pickle.Decimal, y *big.Int) int {
	const log2 = 0.30102999566398119521 // of 10
	digits := float64(y.BitLen()) * log2
	switch magnitude := float64(magnitude(x)); {
	case magnitude > digits+2:
		return 1
	case magnitude < digits-2:
		return -1
	}
	return 0
}

// compareToInt compares with an integer that may be long.
func compareToInt(x *pickle.Decimal, y *big.Int) int {
	sign := x.Sign()
	if sign != y.Sign() || sign == 0 {
		return sign - y.Sign()
	}
	if c := apartFromInt(x, y); c != 0 {
		return sign * c
	}
	return compareDecimals(x, pickle.NewDecimal(y, 0))
}

// exactly counts the steps that it takes to compare two numbers, of which one is a Decimal or a Fraction:
// those of long multiplications and conversions, where the two are too near for anything else.
func (w *Budget) exactly(x, y any) error {
	d, isDecimal := x.(*pickle.Decimal)
	if !isDecimal {
		if d, isDecimal = y.(*pickle.Decimal); !isDecimal {
			_, isRat := x.(*big.Rat)
			_, isRat2 := y.(*big.Rat)
			if isRat || isRat2 {
				return w.leap(digitWork(maxFraction))
			}
			return nil
		}
		y = x
	}
	if d.NaN || d.Infinite || d.Digits == "" {
		return nil
	}
	switch y := y.(type) {
	case *big.Int:
		if apartFromInt(d, y) == 0 {
			return w.leap(digitWork(int64(y.BitLen())))
		}
	case *big.Rat:
		if apart(d, y) == 0 {
			return w.leap(digitWork(4 * (int64(len(d.Digits)) + max(d.Exp, -d.Exp))))
		}
	}
	return nil
}

// digitWork is how many steps it takes to turn so many bits into digits, or back.
func digitWork(bits int64) int64 {
	words := min(bits/64, math.MaxInt32)
	return 1 + words + words*words/256
}
