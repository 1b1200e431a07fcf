package xmlrpc

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// checkText refuses text that XML cannot hold: the production Char of XML 1.0.
func checkText(s string) error {
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd"):
			return &Error{"UnicodeEncodeError", "the text has surrogates, or bytes that are not UTF-8"}
		case r < 0x20 && r != '\t' && r != '\n' && r != '\r', r == 0xfffe, r == 0xffff:
			return &Error{"ValueError", fmt.Sprintf("XML has no form for the character %U", r)}
		}
	}
	return nil
}

// appendEscaped is escape in Lib/xmlrpc/client.py.
func appendEscaped(dst []byte, s string) []byte {
	for {
		i := strings.IndexAny(s, "&<>")
		if i < 0 {
			return append(dst, s...)
		}
		dst = append(dst, s[:i]...)
		switch s[i] {
		case '&':
			dst = append(dst, "&amp;"...)
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		}
		s = s[i+1:]
	}
}

// The decimal exponents between which repr(float) writes no exponent: Python/pystrtod.c, format 'r'.
const (
	leastPlain = -4
	mostPlain  = 16
)

// appendFloat appends repr(f).
func appendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	}
	var buf [32]byte
	b := strconv.AppendFloat(buf[:0], f, 'e', -1, 64)
	e := strings.IndexByte(string(b), 'e')
	exp, _ := strconv.Atoi(string(b[e+1:]))
	if exp < leastPlain || exp >= mostPlain {
		return append(dst, b...)
	}
	b = strconv.AppendFloat(buf[:0], f, 'f', -1, 64)
	dst = append(dst, b...)
	if strings.IndexByte(string(b), '.') < 0 {
		dst = append(dst, ".0"...)
	}
	return dst
}

// base64Values gives the value of each letter of base64, and 0xff for bytes that are none.
var base64Values = func() (t [256]byte) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range t {
		t[i] = 0xff
	}
	for i := range len(letters) {
		t[letters[i]] = byte(i)
	}
	return t
}()

var errPadding = &Error{"binascii.Error", "Incorrect padding"}

// decodeBase64 is binascii.a2b_base64: bytes that are no letters are skipped, and the padding ends it.
func decodeBase64(s []byte) ([]byte, error) {
	out := make([]byte, 0, len(s)/4*3+3)
	var group [4]byte // bits of the letters of one group, in network order
	letters, pads := 0, 0
	var bits uint32
	for _, c := range s {
		if c == '=' {
			if pads++; letters >= 2 && letters+pads >= 4 {
				return append(out, lastGroup(bits, letters)...), nil
			}
			if letters < 2 {
				pads = 0
			}
			continue
		}
		v := base64Values[c]
		if v == 0xff {
			continue
		}
		pads = 0
		bits = bits<<6 | uint32(v)
		if letters++; letters == 4 {
			binary.BigEndian.PutUint32(group[:], bits)
			out = append(out, group[1:]...)
			letters, bits = 0, 0
		}
	}
	if letters != 0 {
		return nil, errPadding
	}
	return out, nil
}

// lastGroup returns the bytes of a group of two or three letters.
func lastGroup(bits uint32, letters int) []byte {
	if letters == 2 {
		return []byte{byte(bits >> 4)}
	}
	return []byte{byte(bits >> 10), byte(bits >> 2)}
}
