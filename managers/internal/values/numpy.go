package values

import (
	"math"
	"strconv"
	"strings"

	"mpbridge/pickle"
)

// This file shows numpy's scalars. Those of numpy 2 say what they are, those of numpy 1 look like Python's own.

// numpySizes are the sizes of elements that are shown, by their kinds: numpy's longdouble is not.
var numpySizes = map[byte]string{
	'b': " 1 ", 'i': " 1 2 4 8 ", 'u': " 1 2 4 8 ", 'f': " 2 4 8 ", 'c': " 8 16 ", 'M': " 8 ", 'm': " 8 ", 'O': " 0 ",
}

func (r *repr) numpyScalar(n pickle.NumpyArray) (bool, error) {
	v, err := n.At()
	if err != nil || n.Kind() == 'O' {
		return false, nil
	}
	name, plain := dtypeName(n), n.Version() == 1
	switch n.Kind() {
	case 'M', 'm':
		if plain {
			return true, r.put("numpy.", name, "(", scalarTime(n, v.(int64)), ")")
		}
		return true, r.put("np.", name, "(", scalarTime(n, v.(int64)), ")")
	case 'b':
		text := map[bool]string{true: "True", false: "False"}[v.(bool)]
		if !plain {
			text = "np." + text + "_"
		}
		return true, r.put(text)
	case 'S', 'U':
		if plain {
			return true, r.value(v)
		}
		if err := r.put("np.", name, "("); err != nil {
			return true, err
		}
		if err := r.value(v); err != nil {
			return true, err
		}
		return true, r.put(")")
	}
	text := numberText(n, v)
	if c, isComplex := v.(complex128); isComplex && plain && (real(c) != 0 || math.Signbit(real(c))) {
		text = "(" + text + ")"
	}
	if plain {
		return true, r.put(text)
	}
	return true, r.put("np.", name, "(", text, ")")
}

// numberText shows a number in the digits that its type takes.
func numberText(n pickle.NumpyArray, v any) string {
	size := n.ItemSize()
	most := scalarCutoff(n)
	switch v := v.(type) {
	case float64:
		return string(appendNumpyFloat(nil, v, size, most, true))
	case complex128:
		re, im := real(v), imag(v)
		var b []byte
		if re != 0 || math.Signbit(re) {
			if b = appendNumpyFloat(b, re, size/2, most, false); !math.Signbit(im) || math.IsNaN(im) {
				b = append(b, '+')
			}
		}
		return string(append(appendNumpyFloat(b, im, size/2, most, false), 'j'))
	}
	text, _ := intText(bigOf(v)) // of 64 bits at most
	return text
}

// decimals is how many decimal digits a float of so many bytes is sure to have: numpy.finfo.precision.
func decimals(size int) int { return map[int]int{2: 3, 4: 6, 8: 15}[size] }

// scalarCutoff is from where on a scalar has an exponent. In numpy 2 that depends on its type; it is as in its newest
// release.
func scalarCutoff(n pickle.NumpyArray) float64 {
	size := n.ItemSize()
	if n.Kind() == 'c' {
		size /= 2
	}
	if n.Version() == 1 || size == 8 {
		return 1e16
	}
	return math.Pow10(decimals(size))
}

// appendNumpyFloat writes a float of so many bytes in as few digits as tell it from others of its type.
func appendNumpyFloat(b []byte, f float64, size int, most float64, point bool) []byte {
	if size == 8 || math.IsNaN(f) || math.IsInf(f, 0) {
		return appendFloat(b, f, -1, point)
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= most) {
		return append(b, shortest(f, 'e', size)...)
	}
	text := shortest(f, 'f', size)
	if point && !strings.Contains(text, ".") {
		text += ".0"
	}
	return append(b, text...)
}

// shortest formats a float of so many bytes in as few digits as tell it from others of its type.
func shortest(f float64, format byte, size int) string {
	switch size {
	case 8:
		return strconv.FormatFloat(f, format, -1, 64)
	case 4:
		return strconv.FormatFloat(f, format, -1, 32)
	}
	for digits := range 6 { // a float16 has 11 bits
		for _, near := range []float64{f, math.Nextafter(f, math.Copysign(math.Inf(1), f))} { // a tie may be rounded up
			text := strconv.FormatFloat(near, 'e', digits, 64)
			if back, _ := strconv.ParseFloat(text, 64); toHalf(back) == f {
				return strconv.FormatFloat(back, format, -1, 64)
			}
		}
	}
	return strconv.FormatFloat(f, format, -1, 64)
}

// toHalf rounds a number to the nearest float16.
func toHalf(f float64) float64 {
	if f == 0 {
		return 0
	}
	_, exp := math.Frexp(f)
	unit := math.Ldexp(1, max(exp-11, -24))
	return math.RoundToEven(f/unit) * unit
}
