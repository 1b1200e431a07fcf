package pickle

import (
	"math/big"
	"strings"
)

// This file reads Decimals and Fractions.

// ExactOf returns a decimal.Decimal as a *Decimal, or a fractions.Fraction as a *big.Rat. It returns false for any other
// object, and for numbers that are malformed or, of a Fraction, longer than 65,536 bits or digits.
func ExactOf(o *Object) (any, bool) {
	g, args, ok := o.class()
	switch {
	case !ok || len(args) == 0:
	case g.Module == "decimal" && g.Name == "Decimal":
		if text, ok := Text(args[0]); ok {
			return parseDecimal(text)
		}
	case g.Module == "fractions" && g.Name == "Fraction":
		return parseFraction(args)
	}
	return nil, false
}

func parseFraction(args Tuple) (any, bool) {
	if len(args) == 2 {
		num, den := indexOf(args[0]), indexOf(args[1])
		if num == nil || den == nil || den.Sign() == 0 || num.BitLen()+den.BitLen() > maxFraction {
			return nil, false
		}
		return new(big.Rat).SetFrac(num, den), true
	}
	text, ok := Text(args[0])
	if !ok || len(text) > maxFraction || strings.Trim(text, "-0123456789/") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// indexOf is v.__index__() of an integer, also by another name, or nil.
func indexOf(v any) *big.Int {
	v = Plain(v)
	if b, ok := v.(bool); ok {
		v, _ = numberKey(b)
	}
	return bigOf(v)
}
