package pickle

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Decimal is a decimal.Decimal: Digits times 10**Exp. The number stays in digits, since turning many of them into a
// binary number takes more than linear time, and its exponent may be far beyond what it could be multiplied out for.
type Decimal struct {
	NaN, Infinite bool
	Signaling     bool // of a NaN: any question is an error
	Negative      bool
	Digits        string // without zeros at either end; none for 0
	Exp           int64
}

// NewDecimal returns coef * 10**exp. It takes more than linear time.
func NewDecimal(coef *big.Int, exp int) *Decimal {
	d := &Decimal{Negative: coef.Sign() < 0, Exp: int64(exp)}
	return d.trimmed(strings.TrimPrefix(coef.String(), "-"))
}

func parseDecimal(text string) (any, bool) {
	d := &Decimal{}
	lower := strings.ToLower(text)
	body := strings.TrimLeft(lower, "+-")
	d.Negative = strings.HasPrefix(lower, "-")
	switch {
	case strings.HasPrefix(body, "nan"), strings.HasPrefix(body, "snan"):
		d.NaN, d.Signaling = true, body[0] == 's'
		return d, true
	case body == "inf", body == "infinity":
		d.Infinite = true
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
		d.Exp = exp
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return nil, false
	}
	d.Exp -= int64(len(fraction))
	return d.trimmed(digits), true
}

// trimmed gives d its digits, so that equal numbers become equal pairs of digits and exponent.
func (d *Decimal) trimmed(digits string) *Decimal {
	d.Digits = strings.TrimRight(digits, "0")
	d.Exp += int64(len(digits) - len(d.Digits))
	if d.Digits = strings.TrimLeft(d.Digits, "0"); d.Digits == "" {
		d.Exp, d.Negative = 0, false
	}
	return d
}

// Sign returns -1, 0 or 1.
func (d *Decimal) Sign() int {
	switch {
	case d.Digits == "":
		return 0
	case d.Negative:
		return -1
	}
	return 1
}

// Coefficient returns what the digits are without the exponent. It takes more than linear time.
func (d *Decimal) Coefficient() *big.Int {
	n, _ := new(big.Int).SetString(d.Digits, 10)
	if n == nil {
		return new(big.Int)
	}
	if d.Negative {
		n.Neg(n)
	}
	return n
}

// Special returns the NaN or infinity that d is, or else 0.
func (d *Decimal) Special() float64 {
	switch {
	case d.NaN:
		return math.NaN()
	case d.Infinite && d.Negative:
		return math.Inf(-1)
	case d.Infinite:
		return math.Inf(1)
	}
	return 0
}

// maxFraction is how many bits or digits of a Fraction are reduced, which takes more than linear time.
const maxFraction = 1 << 16

func powerOfTen(n int64) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil)
}
