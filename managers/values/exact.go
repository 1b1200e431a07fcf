package values

import (
	"cmp"
	"math"
	"math/big"
	"strconv"
	"strings"

	"mpbridge/pickle"
)

// decimal is a decimal.Decimal: digits * 10**exp. It stays in digits, since turning many of them into a
// binary number takes more than linear time, and its exponent may be far beyond what the number could be
// multiplied out for.
type decimal struct {
	nan, inf  bool
	signaling bool // of a NaN: any question is an error
	negative  bool
	digits    string // without zeros at either end; none for 0
	exp       int64
}

// numberObject returns a Decimal or Fraction as a *decimal or *big.Rat.
func numberObject(o *pickle.Object) (any, bool) {
	g, args, ok := classOf(o)
	switch {
	case !ok || len(args) == 0:
	case g.Module == "decimal" && g.Name == "Decimal":
		if text, ok := pickle.Text(args[0]); ok {
			return parseDecimal(text)
		}
	case g.Module == "fractions" && g.Name == "Fraction":
		return parseFraction(args)
	}
	return nil, false
}

func parseDecimal(text string) (any, bool) {
	d := &decimal{}
	lower := strings.ToLower(text)
	body := strings.TrimLeft(lower, "+-")
	d.negative = strings.HasPrefix(lower, "-")
	switch {
	case strings.HasPrefix(body, "nan"), strings.HasPrefix(body, "snan"):
		d.nan, d.signaling = true, body[0] == 's'
		return d, true
	case body == "inf", body == "infinity":
		d.inf = true
		return d, true
	}
	mantissa, exponent, hasExp := strings.Cut(body, "e")
	if len(lower)-len(body) > 1 {
		return nil, false
	}
	if hasExp {
		exp, err := strconv.ParseInt(exponent, 10, 62)
		if err != nil {
			return nil, false
		}
		d.exp = exp
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return nil, false
	}
	d.exp -= int64(len(fraction))
	return d.trimmed(digits), true
}

// trimmed gives d its digits, so that equal numbers become equal pairs of digits and exponent.
func (d *decimal) trimmed(digits string) *decimal {
	d.digits = strings.TrimRight(digits, "0")
	d.exp += int64(len(digits) - len(d.digits))
	if d.digits = strings.TrimLeft(d.digits, "0"); d.digits == "" {
		d.exp, d.negative = 0, false
	}
	return d
}

// sign returns -1, 0 or 1.
func (d *decimal) sign() int {
	switch {
	case d.digits == "":
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// magnitude is how many digits stand before the point.
func (d *decimal) magnitude() int64 { return int64(len(d.digits)) + d.exp }

// coefficient is what the digits are without the exponent. It takes more than linear time.
func (d *decimal) coefficient() *big.Int {
	n, _ := new(big.Int).SetString(d.digits, 10)
	if n == nil {
		return new(big.Int)
	}
	if d.negative {
		n.Neg(n)
	}
	return n
}

// maxFraction is how many bits or digits of a Fraction are reduced, which takes more than linear
// time.
const maxFraction = 1 << 16

func parseFraction(args pickle.Tuple) (any, bool) {
	if len(args) == 2 {
		num, ok1 := Integer(args[0])
		den, ok2 := Integer(args[1])
		if !ok1 || !ok2 || bigOf(den).Sign() == 0 ||
			bigOf(num).BitLen()+bigOf(den).BitLen() > maxFraction {
			return nil, false
		}
		return new(big.Rat).SetFrac(bigOf(num), bigOf(den)), true
	}
	text, ok := pickle.Text(args[0])
	if !ok || len(text) > maxFraction || strings.Trim(text, "-0123456789/") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// decimalOf takes an integer apart, times a power of ten. It takes more than linear time.
func decimalOf(coef *big.Int, exp int) *decimal {
	d := &decimal{negative: coef.Sign() < 0, exp: int64(exp)}
	return d.trimmed(strings.TrimPrefix(coef.String(), "-"))
}

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
	d, ok := n.(*decimal)
	return ok && d.signaling
}

// refusesOrder tells whether one of two numbers is NaN and one, maybe the same, is a Decimal.
func refusesOrder(x, y any) bool {
	_, first := x.(*decimal)
	_, second := y.(*decimal)
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
	case *decimal:
		switch {
		case n.nan:
			return math.NaN()
		case n.inf && n.negative:
			return math.Inf(-1)
		case n.inf:
			return math.Inf(1)
		}
	}
	return 0
}

// toDecimal takes any finite number but a Fraction.
func toDecimal(n any) *decimal {
	switch n := n.(type) {
	case *decimal:
		return n
	case int64:
		return decimalOf(big.NewInt(n), 0)
	case *big.Int:
		return decimalOf(n, 0)
	case float64:
		r := new(big.Rat).SetFloat64(n)
		// n is num / 2**k, that is num * 5**k / 10**k.
		k := r.Denom().BitLen() - 1
		five := new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(k)), nil)
		return decimalOf(five.Mul(five, r.Num()), -k)
	}
	return decimalOf(new(big.Int), 0)
}

func powerOfTen(n int64) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil)
}

func compareDecimals(x, y *decimal) int {
	sign := x.sign()
	if sign != y.sign() || sign == 0 {
		return sign - y.sign()
	}
	if c := cmp.Compare(x.magnitude(), y.magnitude()); c != 0 {
		return sign * c
	}
	return sign * strings.Compare(x.digits, y.digits)
}

// compareRat is exact where nearby says so; else a look at the magnitudes is enough.
func compareRat(x *decimal, y *big.Rat) int {
	sign := x.sign()
	if sign != y.Sign() || sign == 0 {
		return sign - y.Sign()
	}
	if c := apart(x, y); c != 0 {
		return sign * c
	}
	left, right := x.coefficient(), y.Num()
	left.Mul(left, y.Denom())
	if x.exp >= 0 {
		return left.Mul(left, powerOfTen(x.exp)).Cmp(right)
	}
	return left.Cmp(new(big.Int).Mul(right, powerOfTen(-x.exp)))
}

// apart compares the magnitudes of two numbers that are not 0; 0 says that they are too near.
func apart(x *decimal, y *big.Rat) int {
	// y is between 10**-low and 10**high: beyond that nothing need be multiplied.
	high, low := int64(y.Num().BitLen()), int64(y.Denom().BitLen())
	switch magnitude := x.magnitude(); {
	case magnitude > high+1:
		return 1
	case magnitude < -low-1:
		return -1
	}
	return 0
}

// apartFromInt is apart for an integer.
func apartFromInt(x *decimal, y *big.Int) int {
	const log2 = 0.30102999566398119521 // of 10
	digits := float64(y.BitLen()) * log2
	switch magnitude := float64(x.magnitude()); {
	case magnitude > digits+2:
		return 1
	case magnitude < digits-2:
		return -1
	}
	return 0
}

// compareToInt compares with an integer that may be long.
func compareToInt(x *decimal, y *big.Int) int {
	sign := x.sign()
	if sign != y.Sign() || sign == 0 {
		return sign - y.Sign()
	}
	if c := apartFromInt(x, y); c != 0 {
		return sign * c
	}
	return compareDecimals(x, decimalOf(y, 0))
}

// exactly counts the steps that it takes to compare two numbers, of which one is a Decimal or a Fraction:
// those of long multiplications and conversions, where the two are too near for anything else.
func (w *Budget) exactly(x, y any) error {
	d, isDecimal := x.(*decimal)
	if !isDecimal {
		if d, isDecimal = y.(*decimal); !isDecimal {
			_, isRat := x.(*big.Rat)
			_, isRat2 := y.(*big.Rat)
			if isRat || isRat2 {
				return w.leap(digitWork(maxFraction))
			}
			return nil
		}
		y = x
	}
	if d.nan || d.inf || d.digits == "" {
		return nil
	}
	switch y := y.(type) {
	case *big.Int:
		if apartFromInt(d, y) == 0 {
			return w.leap(digitWork(int64(y.BitLen())))
		}
	case *big.Rat:
		if apart(d, y) == 0 {
			return w.leap(digitWork(4 * (int64(len(d.digits)) + max(d.exp, -d.exp))))
		}
	}
	return nil
}

// digitWork is how many steps it takes to turn so many bits into digits, or back.
func digitWork(bits int64) int64 {
	words := min(bits/64, math.MaxInt32)
	return 1 + words + words*words/256
}

// maxScale is up to how many digits, and which exponent, a Decimal is the key of an int or
// Fraction.
const maxScale = 5000

// exactKey is numberKey of a Decimal or Fraction: an equal int or float has the same key.
func exactKey(n any) any {
	if f := special(n); f != 0 {
		return f
	}
	if r, ok := n.(*big.Rat); ok {
		return ratKey(r)
	}
	d := n.(*decimal)
	switch {
	case len(d.digits) > maxScale:
	case d.exp >= 0 && d.exp <= maxScale:
		return bigKey(new(big.Int).Mul(d.coefficient(), powerOfTen(d.exp)))
	case d.exp < 0 && d.exp >= -maxScale:
		return ratKey(new(big.Rat).SetFrac(d.coefficient(), powerOfTen(-d.exp)))
	}
	return keyDeep("D" + strconv.Itoa(d.sign()) + d.digits + "e" + strconv.FormatInt(d.exp, 10))
}

func ratKey(r *big.Rat) any {
	if r.IsInt() {
		return bigKey(r.Num())
	}
	if f, exact := r.Float64(); exact {
		return f
	}
	return keyDeep("R" + string(r.Num().Append(nil, 62)) + "/" + string(r.Denom().Append(nil, 62)))
}
