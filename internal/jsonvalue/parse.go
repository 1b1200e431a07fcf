package jsonvalue

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
)

// Error says why a text is no JSON, or none that stands for a Python value.
type Error struct {
	Offset int    // in bytes, where the text goes wrong; -1 where the JSON is sound and a value is not
	Reason string // what was expected
}

// Error names the place.
func (e *Error) Error() string {
	if e.Offset < 0 {
		return e.Reason
	}
	return fmt.Sprintf("%s, at byte %d", e.Reason, e.Offset+1)
}

func wrong(format string, args ...any) error { return &Error{-1, fmt.Sprintf(format, args...)} }

// object is a JSON object as it stands there.
type object struct {
	names  []string
	values []any
}

// array is a JSON array as it stands there.
type array []any

// parser reads the JSON of RFC 8259, and NaN, Infinity and -Infinity, which Python's json writes. It
// gives nil, bool, string, int64, *big.Int, float64, array and *object.
type parser struct {
	in    []byte
	pos   int
	depth int
}

func (p *parser) fail(reason string) error { return &Error{p.pos, reason} }

func (p *parser) space() {
	for p.pos < len(p.in) {
		switch p.in[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// document reads the whole text.
func (p *parser) document() (any, error) {
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	if p.space(); p.pos < len(p.in) {
		return nil, p.fail("something follows the value")
	}
	return v, nil
}

func (p *parser) value() (any, error) {
	p.space()
	if p.pos >= len(p.in) {
		return nil, p.fail("a value is missing")
	}
	switch c := p.in[p.pos]; c {
	case '{':
		return p.nested(p.object)
	case '[':
		return p.nested(p.array)
	case '"':
		return p.text()
	default:
		if c == '-' && p.pos+1 < len(p.in) && p.in[p.pos+1] != 'I' || c >= '0' && c <= '9' {
			return p.number()
		}
		return p.word()
	}
}

func (p *parser) nested(read func() (any, error)) (any, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, ErrTooDeep
	}
	defer func() { p.depth-- }()
	p.pos++
	return read()
}

var words = []struct {
	text  string
	value any
}{
	{"null", nil}, {"true", true}, {"false", false},
	{"NaN", math.NaN()}, {"Infinity", math.Inf(1)}, {"-Infinity", math.Inf(-1)},
}

func (p *parser) word() (any, error) {
	for _, w := range words {
		if end := p.pos + len(w.text); end <= len(p.in) && string(p.in[p.pos:end]) == w.text {
			p.pos = end
			return w.value, nil
		}
	}
	return nil, p.fail("this begins no value")
}

func (p *parser) array() (any, error) {
	out := array{}
	if p.space(); p.skip(']') {
		return out, nil
	}
	for {
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		switch p.space(); {
		case p.skip(']'):
			return out, nil
		case !p.skip(','):
			return nil, p.fail("want , or ]")
		}
	}
}

func (p *parser) object() (any, error) {
	out := &object{}
	if p.space(); p.skip('}') {
		return out, nil
	}
	for {
		if p.space(); p.pos >= len(p.in) || p.in[p.pos] != '"' {
			return nil, p.fail("want the name of a member in quotes")
		}
		name, err := p.text()
		if err != nil {
			return nil, err
		}
		if p.space(); !p.skip(':') {
			return nil, p.fail("want :")
		}
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		out.names, out.values = append(out.names, name), append(out.values, v)
		switch p.space(); {
		case p.skip('}'):
			return out, nil
		case !p.skip(','):
			return nil, p.fail("want , or }")
		}
	}
}

func (p *parser) skip(c byte) bool {
	if p.pos < len(p.in) && p.in[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

// maxDigits is how many decimal digits an int is written and read with: Python's own limit.
const maxDigits = 4300

// number reads a number: an int without a point or exponent, else a float.
func (p *parser) number() (any, error) {
	start := p.pos
	p.skip('-')
	digits := p.digits()
	if digits == 0 || digits > 1 && p.in[p.pos-digits] == '0' {
		return nil, p.fail("this is no number")
	}
	whole := true
	if p.skip('.') {
		if whole = false; p.digits() == 0 {
			return nil, p.fail("this is no number")
		}
	}
	if p.skip('e') || p.skip('E') {
		whole = false
		if !p.skip('+') {
			p.skip('-')
		}
		if p.digits() == 0 {
			return nil, p.fail("this is no number")
		}
	}
	text := string(p.in[start:p.pos])
	if !whole {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, p.fail("a float cannot be so large")
		}
		return f, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	if digits > maxDigits {
		return nil, p.fail(fmt.Sprintf("an int of more than %d digits is read in hexadecimal alone", maxDigits))
	}
	n, _ := new(big.Int).SetString(text, 10)
	return n, nil
}

func (p *parser) digits() int {
	start := p.pos
	for p.pos < len(p.in) && p.in[p.pos] >= '0' && p.in[p.pos] <= '9' {
		p.pos++
	}
	return p.pos - start
}
