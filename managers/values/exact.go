package values

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"mpbridge/pickle"
)

// decimal is a decimal.Decimal: coef * 10**exp. Its exponent may be far beyond what the number
// could be multiplied out for.
type decimal struct {
	nan, inf  bool
	signaling bool // of a NaN: any question is an error
	negative  bool // of an infinity
	coef      *big.Int
	exp       int64
	digits    int64 // of coef
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
	switch {
	case strings.HasPrefix(body, "nan"), strings.HasPrefix(body, "snan"):
		d.nan, d.signaling = true, body[0] == 's'
		return d, true
	case body == "inf", body == "infinity":
		d.inf, d.negative = true, lower[0] == '-'
		return d, true
	}
	mantissa, exponent, hasExp := strings.Cut(lower, "e")
	if hasExp {
		exp, err := strconv.ParseInt(exponent, 10, 62)
		if err != nil {
			return nil, false
		}
		d.exp = exp
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if strings.Trim(strings.TrimLeft(digits, "+-"), "0123456789") != "" {
		return nil, false
	}
	trimmed := strings.TrimRight(digits, "0") // equal numbers become equal pairs
	d.exp += int64(len(digits) - len(trimmed) - len(fraction))
	if strings.Trim(trimmed, "+-") == "" {
		trimmed, d.exp = "0", 0
	}
	coef, ok := new(big.Int).SetString(trimmed, 10)
	if !ok {
		return nil, false
	}
	d.coef, d.digits = coef, int64(len(strings.TrimLeft(trimmed, "+-0")))
	return d, true
}

// maxFraction is how many bits or digits of a Fraction are reduced, which takes more than linear
// time.
const maxFraction = 1 << 16

func parseFraction(args pickle.Tuple) (any, bool) {
	if len(args) == 2 {
		num, ok1 := integer(args[0])
		den, ok2 := integer(args[1])
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

func decimalOf(coef *big.Int, exp int) *decimal {
	d := &decimal{coef: coef, exp: int64(exp)}
	if coef.Sign() != 0 {
		d.digits = int64(len(new(big.Int).Abs(coef).String()))
	}
	return d
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
	sign := x.coef.Sign()
	if sign != y.coef.Sign() || sign == 0 {
		return sign - y.coef.Sign()
	}
	if x.digits+x.exp != y.digits+y.exp {
		if x.digits+x.exp < y.digits+y.exp {
			return -sign
		}
		return sign
	}
	// Of one magnitude: the exponents differ by no more than there are digits.
	if x.exp >= y.exp {
		return new(big.Int).Mul(x.coef, powerOfTen(x.exp-y.exp)).Cmp(y.coef)
	}
	return x.coef.Cmp(new(big.Int).Mul(y.coef, powerOfTen(y.exp-x.exp)))
}

func compareRat(x *decimal, y *big.Rat) int {
	sign := x.coef.Sign()
	if sign != y.Sign() || sign == 0 {
		return sign - y.Sign()
	}
	// y is between 10**-low and 10**high: beyond that nothing need be multiplied.
	high, low := int64(y.Num().BitLen()), int64(y.Denom().BitLen())
	switch magnitude := x.digits + x.exp; {
	case magnitude > high+1:
		return sign
	case magnitude < -low-1:
		return -sign
	}
	left, right := new(big.Int).Mul(x.coef, y.Denom()), y.Num()
	if x.exp >= 0 {
		return left.Mul(left, powerOfTen(x.exp)).Cmp(right)
	}
	return left.Cmp(new(big.Int).Mul(right, powerOfTen(-x.exp)))
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
	case d.digits > maxScale:
	case d.exp >= 0 && d.exp <= maxScale:
		return bigKey(new(big.Int).Mul(d.coef, powerOfTen(d.exp)))
	case d.exp < 0 && d.exp >= -maxScale:
		return ratKey(new(big.Rat).SetFrac(d.coef, powerOfTen(-d.exp)))
	}
	return keyDeep("D" + d.coef.Text(62) + "e" + strconv.FormatInt(d.exp, 10))
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
