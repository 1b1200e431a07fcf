package values

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"mpbridge/pickle"
)

// What Python asks an argument for by __index__, __float__, __bool__ and as text: numbers and strings by another name
// have them, too. Objects of classes that nobody here knows have none.

// Text returns the text of a str, or of a bytes of Python 2, by whatever name: np.str_ and members of the standard
// library's enums of text are str.
func Text(v any) (string, bool) { return pickle.Text(plain(v)) }

// Integer is v.__index__(): an int64, or a *big.Int beyond it. A scalar of numpy that is an integer has one, and an
// array of it without dimensions; np.bool_ has one before numpy 2.
func Integer(v any) (any, bool) {
	if o, ok := v.(*pickle.Object); ok {
		if f, isNumpy := pickle.NumpyOf(o); isNumpy {
			return numpyInteger(f)
		}
	}
	v = plain(v)
	if _, isBool := v.(bool); !isBool && !isInt(v) {
		return nil, false
	}
	return number(v)
}

func numpyInteger(f pickle.NumpyFacts) (any, bool) {
	switch {
	case f.Dims > 0:
		return nil, false
	case f.Kind == 'i' || f.Kind == 'u' || f.Kind == 'b' && f.Scalar && !f.Numpy2:
		return number(f.Only)
	}
	return nil, false
}

// Float is v.__float__(), or what float() makes of v.__index__(): of int, float, bool, Decimal, Fraction, of numpy's
// numbers, and of its arrays without dimensions, before numpy 2 of all of one element. Anything else is a TypeError,
// and a number that is too large an OverflowError beside infinity.
func Float(v any) (float64, error) {
	n := plain(v)
	if o, ok := v.(*pickle.Object); ok {
		if f, isNumpy := pickle.NumpyOf(o); isNumpy {
			if f.Count != 1 || f.Dims > 0 && f.Numpy2 || !strings.ContainsRune("biuf", rune(f.Kind)) {
				return 0, typeError("must be real number, not %s", TypeName(v))
			}
			n = f.Only
		}
	}
	n, ok := number(n)
	if !ok {
		return 0, typeError("must be real number, not %s", TypeName(v))
	}
	switch n := n.(type) {
	case int64:
		return float64(n), nil
	case float64:
		if _, isComplex := v.(complex128); isComplex {
			break
		}
		return n, nil
	case *big.Int:
		if f, _ := new(big.Float).SetInt(n).Float64(); !math.IsInf(f, 0) {
			return f, nil
		}
		return math.Inf(n.Sign()), raise("OverflowError", "int too large to convert to float")
	case *big.Rat:
		if f, _ := n.Float64(); !math.IsInf(f, 0) {
			return f, nil
		}
		return math.Inf(n.Sign()), raise("OverflowError", "integer division result too large for a float")
	case *pickle.Decimal:
		return decimalFloat(n)
	}
	return 0, typeError("must be real number, not %s", TypeName(v))
}

// decimalFloat is Decimal.__float__.
func decimalFloat(d *pickle.Decimal) (float64, error) {
	sign := 1.0
	if d.Negative {
		sign = -1
	}
	switch {
	case d.Signaling:
		return 0, raise("ValueError", "cannot convert signaling NaN to float")
	case d.NaN:
		return math.NaN(), nil
	case d.Infinite:
		return math.Inf(int(sign)), nil
	case d.Digits == "":
		return sign * 0, nil
	}
	f, err := strconv.ParseFloat(d.Digits+"e"+strconv.FormatInt(d.Exp, 10), 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, raise("ValueError", "could not convert to float")
	}
	return sign * f, nil
}

// IsDecimal tells whether a value is a Decimal, which Python adds to no float.
func IsDecimal(v any) bool {
	n, _ := number(v)
	_, ok := n.(*pickle.Decimal)
	return ok
}

// ambiguous is why an array or a table has no truth.
func ambiguous(what string) error {
	return raise("ValueError", "%s", "The truth value of "+what)
}

// pandasTable returns the class of a Series, DataFrame or Index of pandas.
func pandasTable(o *pickle.Object) (string, bool) {
	g, args, ok := classOf(o)
	switch {
	case !ok || g.Module != "pandas" && !strings.HasPrefix(g.Module, "pandas.core."):
	case g.Name == "Series" || g.Name == "DataFrame":
		return g.Name, true
	case strings.HasPrefix(g.Name, "_new_") && strings.HasSuffix(g.Name, "Index") && len(args) > 0:
		if c, ok := args[0].(pickle.Global); ok {
			return c.Name, true
		}
	}
	return "", false
}
