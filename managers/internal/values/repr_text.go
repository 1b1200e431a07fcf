package values

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"mpbridge/pickle"
)

const hexDigits = "0123456789abcdef"

// text shows a str; in Python 2 a unicode.
func (r *repr) text(s string) error {
	prefix := ""
	if r.style.Python2 {
		prefix = "u"
	}
	if err := r.put(prefix); err != nil {
		return err
	}
	quote := quoteFor(s)
	r.b = append(r.b, quote)
	for len(s) > 0 {
		if len(r.b) > r.limit {
			return r.full("")
		}
		c, size := decodeRune(s)
		r.rune(c, quote)
		s = s[size:]
	}
	r.b = append(r.b, quote)
	return nil
}

// rune writes one character as unicode_repr of Objects/unicodeobject.c does. What is printable is
// what Go's tables of Unicode say.
func (r *repr) rune(c rune, quote byte) {
	switch {
	case c < 0x80:
		r.b = appendByte(r.b, byte(c), quote)
	case unicode.IsPrint(c) && !r.style.Python2:
		r.b = utf8.AppendRune(r.b, c)
	case c <= 0xff:
		r.b = append(r.b, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
	case c <= 0xffff:
		r.b = appendHex(append(r.b, `\u`...), c, 12)
	default:
		r.b = appendHex(append(r.b, `\U`...), c, 28)
	}
}

func appendHex(b []byte, c rune, shift int) []byte {
	for ; shift >= 0; shift -= 4 {
		b = append(b, hexDigits[c>>shift&15])
	}
	return b
}

func quoteFor(s string) byte {
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		return '"'
	}
	return '\''
}

// appendByte writes what is alike in the reprs of text and of bytes.
func appendByte(b []byte, c, quote byte) []byte {
	switch {
	case c == quote || c == '\\':
		return append(b, '\\', c)
	case c == '\n':
		return append(b, `\n`...)
	case c == '\r':
		return append(b, `\r`...)
	case c == '\t':
		return append(b, `\t`...)
	case c < ' ' || c >= 0x7f:
		return append(b, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
	}
	return append(b, c)
}

// decodeRune is utf8.DecodeRuneInString that takes the three bytes of a surrogate for one
// character.
func decodeRune(s string) (rune, int) {
	c, size := utf8.DecodeRuneInString(s)
	if c == utf8.RuneError && size == 1 && len(s) >= 3 && s[0] == 0xed &&
		s[1] >= 0xa0 && s[1] <= 0xbf && s[2]&0xc0 == 0x80 {
		return 0xd000 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f), 3
	}
	return c, size
}

// native shows a str of Python 2, which Python 3 takes for its own str where it is ASCII.
func (r *repr) native(s string) error {
	if !r.style.Python2 && ascii(s) {
		return r.text(s)
	}
	return r.quoted("", s)
}

func (r *repr) bytes(b []byte) error {
	if r.style.Python2 {
		return r.quoted("", string(b))
	}
	return r.quoted("b", string(b))
}

func (r *repr) byteArray(b *pickle.ByteArray) error {
	if err := r.put("bytearray("); err != nil {
		return err
	}
	start := len(r.b)
	if err := r.quoted("b", string(b.Bytes)); err != nil {
		return err
	}
	if text := r.b[start:]; r.style.Python2 && text[1] == '"' {
		escaped := bytes.ReplaceAll(text, []byte("'"), []byte(`\'`))
		r.b = append(r.b[:start], escaped...)
	}
	return r.put(")")
}

func (r *repr) quoted(prefix, s string) error {
	if !r.cut && len(r.b)+len(s) > r.limit {
		return tooLong(r.limit)
	}
	quote := quoteFor(s)
	r.b = append(append(r.b, prefix...), quote)
	for i := range len(s) {
		if len(r.b) > r.limit {
			return r.full("")
		}
		r.b = appendByte(r.b, s[i], quote)
	}
	r.b = append(r.b, quote)
	return nil
}

// appendFloat writes a float in so many digits, or in as few as tell it from others where digits is
// -1: see float_repr_style and format_float_short in Python/pystrtod.c.
func appendFloat(b []byte, f float64, digits int, point bool) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, "nan"...)
	case math.IsInf(f, 0):
		if f < 0 {
			b = append(b, '-')
		}
		return append(b, "inf"...)
	}
	most := 16
	var text string
	if digits < 0 {
		text = strconv.FormatFloat(f, 'e', -1, 64)
	} else {
		text, most = strconv.FormatFloat(f, 'e', digits-1, 64), digits
		if point {
			most-- // no ".0" behind as many digits
		}
	}
	mantissa, exponent, _ := strings.Cut(text, "e")
	exp, _ := strconv.Atoi(exponent)
	if digits > 0 && strings.Contains(mantissa, ".") {
		mantissa = strings.TrimSuffix(strings.TrimRight(mantissa, "0"), ".")
	}
	if exp < -4 || exp >= most {
		return append(append(append(b, mantissa...), 'e'), exponent...)
	}
	places := max(0, len(strings.Trim(mantissa, "-"))-2-exp)
	if !strings.Contains(mantissa, ".") {
		places = max(0, -exp)
	}
	b = strconv.AppendFloat(b, f, 'f', places, 64)
	if point && places == 0 {
		b = append(b, ".0"...)
	}
	return b
}

// appendComplex is complex_repr of Objects/complexobject.c.
func appendComplex(b []byte, c complex128, digits int) []byte {
	re, im := real(c), imag(c)
	if re == 0 && !math.Signbit(re) {
		return append(appendFloat(b, im, digits, false), 'j')
	}
	b = appendFloat(append(b, '('), re, digits, false)
	if !math.Signbit(im) || math.IsNaN(im) {
		b = append(b, '+')
	}
	return append(appendFloat(b, im, digits, false), "j)"...)
}
