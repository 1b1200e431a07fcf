package pickle

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// validText tells whether b is UTF-8, where single surrogates may stand as if they were characters:
// what Python's "surrogatepass" takes.
func validText(b []byte) bool {
	if utf8.Valid(b) {
		return true
	}
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			if n = surrogateLen(b); n == 0 {
				return false
			}
		}
		b = b[n:]
	}
	return true
}

// surrogateLen returns 3 where b begins with an encoded surrogate, else 0.
func surrogateLen(b []byte) int {
	if len(b) >= 3 && b[0] == 0xed && b[1] >= 0xa0 && b[1] <= 0xbf && b[2]&0xc0 == 0x80 {
		return 3
	}
	return 0
}

// decodeRune is utf8.DecodeRuneInString that takes surrogates for what they are. Other bytes that
// are no UTF-8 become U+FFFD one by one.
func decodeRune(s string) (rune, int) {
	r, n := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && n == 1 && surrogateLen([]byte(s[:min(3, len(s))])) == 3 {
		return 0xd000 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f), 3
	}
	return r, n
}

// appendRune is utf8.AppendRune that writes surrogates too.
func appendRune(b []byte, r rune) []byte {
	if r >= 0xd800 && r <= 0xdfff {
		return append(b, 0xed, 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
	}
	return utf8.AppendRune(b, r)
}

// parseRawUnicode reads the argument of UNICODE: Latin-1 with \uXXXX and \UXXXXXXXX for the rest.
func parseRawUnicode(arg []byte) (string, error) {
	if bytes.IndexByte(arg, '\\') < 0 && ascii(arg) {
		return string(arg), nil
	}
	out := make([]byte, 0, len(arg)+len(arg)/4)
	for i := 0; i < len(arg); {
		c := arg[i]
		i++
		if c != '\\' || i == len(arg) {
			out = appendRune(out, rune(c))
			continue
		}
		size := 0
		switch arg[i] {
		case 'u':
			size = 4
		case 'U':
			size = 8
		default:
			out = appendRune(append(out, '\\'), rune(arg[i]))
			i++
			continue
		}
		r, ok := hexRune(arg[i+1:], size)
		if !ok {
			return "", errEscape
		}
		out = appendRune(out, r)
		i += 1 + size
	}
	return string(out), nil
}

func hexRune(b []byte, size int) (r rune, ok bool) {
	if len(b) < size {
		return 0, false
	}
	var n uint32
	for _, c := range b[:size] {
		v, ok := hexDigit(c)
		if !ok {
			return 0, false
		}
		n = n<<4 | uint32(v)
	}
	return rune(n), n <= utf8.MaxRune
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

const hexDigits = "0123456789abcdef"

func appendHex(b []byte, r rune, size int) []byte {
	for shift := 4 * (size - 1); shift >= 0; shift -= 4 {
		b = append(b, hexDigits[r>>shift&15])
	}
	return b
}

// appendRawUnicode is the reverse of parseRawUnicode. What would end the line, or the file on some
// systems, is written as an escape: the set is that of pickle.py's save_str.
func appendRawUnicode(dst []byte, s string) []byte {
	for len(s) > 0 {
		r, n := decodeRune(s)
		s = s[n:]
		switch {
		case r == '\\' || r == 0 || r == '\n' || r == '\r' || r == 0x1a || r > 0xff && r <= 0xffff:
			dst = appendHex(append(dst, `\u`...), r, 4)
		case r > 0xffff:
			dst = appendHex(append(dst, `\U`...), r, 8)
		default:
			dst = append(dst, byte(r))
		}
	}
	return dst
}

// parseQuoted reads the argument of STRING: the repr of a Python 2 str. Behind it, Python 2 takes blanks.
func parseQuoted(arg []byte) (string, error) {
	for len(arg) > 0 && arg[len(arg)-1] <= ' ' {
		arg = arg[:len(arg)-1]
	}
	n := len(arg)
	if n < 2 || arg[0] != arg[n-1] || arg[0] != '\'' && arg[0] != '"' {
		return "", errQuotes
	}
	arg = arg[1 : n-1]
	if bytes.IndexByte(arg, '\\') < 0 {
		return string(arg), nil
	}
	return unescape(arg)
}

const (
	escapeLetters = `\'"abfnrtv`
	escapeValues  = "\\'\"\a\b\f\n\r\t\v"
)

// unescape undoes the escapes of a Python 2 str literal. An escape that is none stands for itself.
func unescape(arg []byte) (string, error) {
	out := make([]byte, 0, len(arg))
	for i := 0; i < len(arg); {
		c := arg[i]
		i++
		if c != '\\' {
			out = append(out, c)
			continue
		}
		if i == len(arg) {
			return "", errEscape
		}
		c = arg[i]
		i++
		if at := strings.IndexByte(escapeLetters, c); at >= 0 {
			out = append(out, escapeValues[at])
			continue
		}
		switch {
		case c == '\n':
		case c >= '0' && c <= '7':
			v := c - '0'
			for n := 1; n < 3 && i < len(arg) && arg[i] >= '0' && arg[i] <= '7'; n++ {
				v = v<<3 | (arg[i] - '0')
				i++
			}
			out = append(out, v)
		case c == 'x':
			r, ok := hexRune(arg[i:], 2)
			if !ok {
				return "", errEscape
			}
			out = append(out, byte(r))
			i += 2
		default:
			out = append(out, '\\', c)
		}
	}
	return string(out), nil
}

// appendQuoted is the reverse of parseQuoted.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '\'')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\\' || c == '\'':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c < 0x20 || c >= 0x7f:
			dst = appendHex(append(dst, `\x`...), rune(c), 2)
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '\'')
}

func ascii[T string | ByteString | []byte](s T) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// latin1 encodes text of U+0000 to U+00FF as one byte each.
func latin1(s string) ([]byte, bool) {
	out := make([]byte, 0, len(s))
	for len(s) > 0 {
		r, n := decodeRune(s)
		if r > 0xff {
			return nil, false
		}
		out = append(out, byte(r))
		s = s[n:]
	}
	return out, true
}

// fromLatin1 makes each byte a character: the reverse of latin1.
func fromLatin1(b []byte) string {
	out := make([]byte, 0, len(b)+len(b)/4)
	for _, c := range b {
		out = utf8.AppendRune(out, rune(c))
	}
	return string(out)
}
