package jsonvalue

import (
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// quote writes a JSON string. What a terminal would obey instead of show is escaped, and so are single
// surrogates, which a decoded str holds as three bytes each.
func (s *sink) quote(text string) {
	s.char('"')
	start := 0
	for i := 0; i < len(text); {
		if i-start >= flushSize {
			s.raw(text[start:i])
			if start = i; s.err != nil {
				return
			}
		}
		c := text[i]
		if c >= 0x20 && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		r, n := decodeRune(text[i:])
		if escape := escaped(r); escape != "" {
			s.raw(text[start:i])
			s.raw(escape)
			start = i + n
		}
		i += n
	}
	s.raw(text[start:])
	s.char('"')
}

// decodeRune is utf8.DecodeRuneInString that knows surrogates.
func decodeRune(s string) (rune, int) {
	if len(s) >= 3 && s[0] == 0xED && s[1] >= 0xA0 && s[1] < 0xC0 && s[2] >= 0x80 && s[2] < 0xC0 {
		return rune(s[0]&0x0f)<<12 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f), 3
	}
	return utf8.DecodeRuneInString(s)
}

// escaped returns the escape of a character, "" for one that stands for itself.
func escaped(r rune) string {
	switch r {
	case '"':
		return `\"`
	case '\\':
		return `\\`
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	case utf8.RuneError:
		return `\ufffd`
	}
	if unicode.IsControl(r) || utf16.IsSurrogate(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
		if r > 0xffff {
			hi, lo := utf16.EncodeRune(r)
			return fmt.Sprintf(`\u%04x\u%04x`, hi, lo)
		}
		return fmt.Sprintf(`\u%04x`, r)
	}
	return ""
}

// appendRune is utf8.AppendRune that knows surrogates.
func appendRune(b []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(b, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
	}
	return utf8.AppendRune(b, r)
}

// text reads a string from its opening quote on.
func (p *parser) text() (string, error) {
	p.pos++
	start := p.pos
	var out []byte // once there was an escape
	for p.pos < len(p.in) {
		switch c := p.in[p.pos]; {
		case c == '"':
			part := p.in[start:p.pos]
			p.pos++
			if !utf8.Valid(part) {
				return "", p.fail("the text is no UTF-8")
			}
			if out == nil {
				return string(part), nil
			}
			return string(append(out, part...)), nil
		case c == '\\':
			part := p.in[start:p.pos]
			if !utf8.Valid(part) {
				return "", p.fail("the text is no UTF-8")
			}
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			out = appendRune(append(out, part...), r)
			start = p.pos
		case c < 0x20:
			return "", p.fail("a control character in a text must be escaped")
		default:
			p.pos++
		}
	}
	return "", p.fail("the text has no end")
}

var escapes = map[byte]rune{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

func (p *parser) escape() (rune, error) {
	p.pos++
	if p.pos >= len(p.in) {
		return 0, p.fail("the text has no end")
	}
	c := p.in[p.pos]
	if r, ok := escapes[c]; ok {
		p.pos++
		return r, nil
	}
	if c != 'u' {
		return 0, p.fail("no such escape")
	}
	r, ok := p.hex4()
	if !ok {
		return 0, p.fail(`\u needs four hexadecimal digits`)
	}
	if utf16.IsSurrogate(r) && p.pos+1 < len(p.in) && p.in[p.pos] == '\\' && p.in[p.pos+1] == 'u' {
		back := p.pos
		p.pos++
		lo, ok := p.hex4()
		if whole := utf16.DecodeRune(r, lo); ok && whole != unicode.ReplacementChar {
			return whole, nil
		}
		p.pos = back
	}
	return r, nil
}

// hex4 reads the digits behind a u.
func (p *parser) hex4() (rune, bool) {
	if p.pos+5 > len(p.in) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(p.in[p.pos+1:p.pos+5]), 16, 16)
	p.pos += 5
	return rune(n), err == nil
}
