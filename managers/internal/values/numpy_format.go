package values

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"mpbridge/pickle"
)

// This file gives the elements of an array one width, as numpy's formatters do.
//
// Source: the classes *Format in numpy/_core/arrayprint.py, with the options that are set by default.

// formatter returns what shows an element of an array, of which items are all that will be shown.
func (r *repr) formatter(n pickle.NumpyArray, items []any) func(any) (string, error) {
	switch n.Kind() {
	case 'b':
		return func(v any) (string, error) {
			if v == true && len(n.Shape()) > 0 {
				return " True", nil
			}
			return map[any]string{true: "True", false: "False"}[v], nil
		}
	case 'f':
		f := newFloatFormat(n, n.ItemSize(), floatsOf(items), false)
		return func(v any) (string, error) { return f.text(v.(float64)), nil }
	case 'c':
		return complexFormat(n, items)
	case 'O':
		return r.objectText
	case 'S', 'U':
		return r.textOf
	}
	width := 0
	for _, v := range items {
		width = max(width, len(countText(n, v)))
	}
	return func(v any) (string, error) { return fmt.Sprintf("%*s", width, countText(n, v)), nil }
}

// countText is an integer, or a time.
func countText(n pickle.NumpyArray, v any) string {
	count, _ := v.(int64)
	switch n.Kind() {
	case 'M':
		return datetimeText(n, count)
	case 'm':
		return timedeltaText(count)
	}
	text, _ := intText(bigOf(v)) // of 64 bits at most
	return text
}

// textOf is repr() of one element, which is written behind the text and taken off again.
func (r *repr) textOf(v any) (string, error) {
	start := len(r.b)
	err := r.value(v)
	text := string(r.b[start:])
	r.b = r.b[:start]
	return text, err
}

func (r *repr) objectText(v any) (string, error) {
	text, err := r.textOf(v)
	if _, isList := v.(*pickle.List); isList {
		text = "list(" + text + ")"
	}
	return text, err
}

func floatsOf(items []any) []float64 {
	out := make([]float64, len(items))
	for i, v := range items {
		out[i], _ = v.(float64)
	}
	return out
}

func complexFormat(n pickle.NumpyArray, items []any) func(any) (string, error) {
	re, im := make([]float64, len(items)), make([]float64, len(items))
	for i, v := range items {
		c, _ := v.(complex128)
		re[i], im[i] = real(c), imag(c)
	}
	size := n.ItemSize() / 2
	realPart, imagPart := newFloatFormat(n, size, re, false), newFloatFormat(n, size, im, true)
	return func(v any) (string, error) {
		c, _ := v.(complex128)
		text := imagPart.text(imag(c))
		digits := strings.TrimRight(text, " ")
		return realPart.text(real(c)) + digits + "j" + text[len(digits):], nil
	}
}

// floatFormat is numpy's FloatingFormat.
type floatFormat struct {
	size        int
	sign        bool // + is shown
	exponent    bool
	left, right int // characters before and behind the point
	digits      int // of an exponent
}

// numpyPrecision is how many digits behind the point are shown at most.
const numpyPrecision = 8

func newFloatFormat(n pickle.NumpyArray, size int, items []float64, sign bool) *floatFormat {
	f := &floatFormat{size: size, sign: sign}
	var finite []float64
	low, high := math.Inf(1), 0.0
	negative := sign
	for _, v := range items {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			negative = negative || math.IsInf(v, -1)
			continue
		}
		finite = append(finite, v)
		if a := math.Abs(v); a != 0 {
			low, high = min(low, a), max(high, a)
		}
	}
	cutoff := 1e8
	if n.Version() == 2 {
		cutoff = math.Pow10(min(8, decimals(size)))
	}
	f.exponent = high > 0 && (high >= cutoff || low < 0.0001 || f.rounded(high/low) > 1000)
	f.measure(finite)
	if len(finite) < len(items) {
		f.left = max(f.left, 3-f.right-1, 3+b2i(negative)-f.right-1)
	}
	return f
}

// rounded is a number as its type has it.
func (f *floatFormat) rounded(v float64) float64 {
	switch f.size {
	case 2:
		return toHalf(v)
	case 4:
		return float64(float32(v))
	}
	return v
}

// measure finds the widths.
func (f *floatFormat) measure(finite []float64) {
	precision := 0
	for _, v := range finite {
		text, exponent := f.raw(v)
		whole, fraction, _ := strings.Cut(text, ".")
		f.left = max(f.left, len(whole))
		precision = max(precision, len(fraction))
		f.digits = max(f.digits, len(exponent)-1)
	}
	f.right = precision
	if f.exponent && len(finite) > 0 {
		f.right = f.digits + 2 + precision
	}
}

// raw returns a finite number with as many digits as it takes, and its exponent with sign.
func (f *floatFormat) raw(v float64) (text, exponent string) {
	format := byte('f')
	if f.exponent {
		format = 'e'
	}
	text, exponent, _ = strings.Cut(shortest(v, format, f.size), "e")
	if _, fraction, _ := strings.Cut(text, "."); len(fraction) > numpyPrecision {
		text, exponent, _ = strings.Cut(strconv.FormatFloat(v, format, numpyPrecision, 64), "e")
		text = strings.TrimRight(text, "0")
	}
	if !strings.Contains(text, ".") {
		if text += "."; !f.exponent {
			text = strconv.FormatFloat(v, 'f', 0, 64) + "." // each digit of an integer is shown
		}
	}
	if f.sign && text[0] != '-' {
		text = "+" + text
	}
	return text, exponent
}

// text shows a number in the width of all.
func (f *floatFormat) text(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		text := string(appendFloat(nil, v, -1, false))
		if f.sign && text[0] != '-' {
			text = "+" + text
		}
		return fmt.Sprintf("%*s", f.left+f.right+1, text)
	}
	text, exponent := f.raw(v)
	whole, fraction, _ := strings.Cut(text, ".")
	if !f.exponent {
		return fmt.Sprintf("%*s.%-*s", f.left, whole, f.right, fraction)
	}
	if precision := f.right - f.digits - 2; len(fraction) < precision {
		// All have as many digits as one needs, and those are digits of the number, not zeros.
		text, exponent, _ = strings.Cut(strconv.FormatFloat(v, 'e', precision, 64), "e")
		if f.sign && text[0] != '-' {
			text = "+" + text
		}
	}
	zeros := strings.Repeat("0", max(0, f.digits+1-len(exponent)))
	return fmt.Sprintf("%*s", f.left+f.right-f.digits-1, text) + "e" + exponent[:1] + zeros + exponent[1:]
}
