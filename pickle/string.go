package pickle

import (
	"bytes"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"mpbridge/internal/printable"
)

// The String methods show values as Python would write them. The text is for people: it is truncated
// where it gets long, it marks what contains itself by cutting it, and it takes bounded time
// whatever the value.
const (
	maxShown      = 4 << 10
	maxShownDepth = 16
)

// String shows the tuple as Python writes it, truncated where it gets long.
func (t Tuple) String() string { return show(t) }

// String shows the list as Python writes it, truncated where it gets long.
func (l *List) String() string { return show(l) }

// String shows the dict as Python writes it, truncated where it gets long.
func (d *Dict) String() string { return show(d) }

// String shows the set as Python writes it, truncated where it gets long.
func (s *Set) String() string { return show(s) }

// String shows the frozenset as Python writes it, truncated where it gets long.
func (s *FrozenSet) String() string { return show(s) }

// String shows the bytearray as Python writes it, truncated where it gets long.
func (b *ByteArray) String() string { return show(b) }

// String returns module and name joined by a dot.
func (g Global) String() string { return g.Module + "." + g.Name }

// String returns "Ellipsis".
func (Ellipsis) String() string { return "Ellipsis" }

// String returns "NotImplemented".
func (NotImplemented) String() string { return "NotImplemented" }

// String shows the slice as Python writes it.
func (s Slice) String() string { return show(s) }

// String shows the range as Python writes it.
func (r Range) String() string { return show(r) }

// String shows how the object is made, as a call, truncated where that gets long.
func (o *Object) String() string { return show(o) }

func show(v any) string { return (&shower{limit: maxShown}).text(v) }

// brief shows a value in a few words.
func brief(v any) string { return (&shower{limit: 64}).text(v) }

type shower struct {
	b     strings.Builder
	limit int
	depth int
}

func (s *shower) text(v any) string {
	s.value(v)
	if s.full() {
		return cutText(s.b.String(), s.limit) + "..."
	}
	return s.b.String()
}

func (s *shower) full() bool { return s.b.Len() > s.limit }

func (s *shower) value(v any) {
	if s.full() {
		return
	}
	switch v := v.(type) {
	case nil:
		s.b.WriteString("None")
	case bool:
		s.b.WriteString([]string{"False", "True"}[b2i(v)])
	case string:
		s.quoted(v)
	case ByteString:
		s.raw("", string(v[:min(len(v), s.limit)]))
	case []byte:
		s.bytes(v)
	case float64:
		s.float(v)
	case complex128:
		s.b.WriteString(strconv.FormatComplex(v, 'g', -1, 128))
	case Tuple:
		s.items("(", v, closing(len(v), ",)", ")"))
	case *List:
		s.items("[", v.Items, "]")
	case *Dict:
		s.pairs("{", v.t.live(), "}")
	case *Set:
		s.keys("{", &v.t, "}", "set()")
	case *FrozenSet:
		s.keys("frozenset({", &v.t, "})", "frozenset()")
	case *ByteArray:
		s.b.WriteString("bytearray(")
		s.bytes(v.Bytes)
		s.b.WriteString(")")
	case Slice:
		s.items("slice(", []any{v.Start, v.Stop, v.Step}, ")")
	case Range:
		s.items("range(", []any{v.Start, v.Stop, v.Step}, ")")
	case *Object:
		s.object(v)
	case *big.Int:
		s.big(v)
	default:
		s.rest(v)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func closing(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func (s *shower) rest(v any) {
	switch v := v.(type) {
	case Global:
		s.b.WriteString(printable.Line(v.String(), s.limit))
	case Ellipsis:
		s.b.WriteString(v.String())
	case NotImplemented:
		s.b.WriteString(v.String())
	default:
		if n, ok := integer(v); ok {
			if n, ok := n.(int64); ok {
				s.b.WriteString(strconv.FormatInt(n, 10))
				return
			}
		}
		s.b.WriteString("<" + typeName(v) + ">")
	}
}

// big shows an integer unless turning it into decimals would take long.
func (s *shower) big(n *big.Int) {
	if n.BitLen() > maxTextBits {
		s.b.WriteString("<int of " + strconv.Itoa(n.BitLen()) + " bits>")
		return
	}
	s.b.WriteString(n.String())
}

func (s *shower) float(f float64) {
	text := string(appendFloat(nil, f))
	if strings.Trim(text, "-0123456789") == "" {
		text += ".0"
	}
	s.b.WriteString(text)
}

// quoted writes text in the quotes that Python would choose.
func (s *shower) quoted(text string) {
	text = cutText(text, s.limit)
	quote := quoteFor(text)
	s.b.WriteByte(quote)
	for len(text) > 0 {
		r, n := decodeRune(text)
		s.rune(r, quote)
		text = text[n:]
	}
	s.b.WriteByte(quote)
}

func (s *shower) rune(r rune, quote byte) {
	switch {
	case r == rune(quote) || r == '\\':
		s.b.WriteByte('\\')
		s.b.WriteByte(byte(r))
	case r == '\n':
		s.b.WriteString(`\n`)
	case r == '\r':
		s.b.WriteString(`\r`)
	case r == '\t':
		s.b.WriteString(`\t`)
	case r < ' ' || r >= 0x7f && r < 0xa1:
		s.b.Write(appendHex([]byte(`\x`), r, 2))
	case r > 0xffff && !strconv.IsPrint(r):
		s.b.Write(appendHex([]byte(`\U`), r, 8))
	case !strconv.IsPrint(r):
		s.b.Write(appendHex([]byte(`\u`), r, 4))
	default:
		s.b.WriteRune(r)
	}
}

func quoteFor(text string) byte {
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		return '"'
	}
	return '\''
}

// cutText returns the first bytes of a text without splitting a character.
func cutText(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

func (s *shower) bytes(b []byte) { s.raw("b", string(b[:min(len(b), s.limit)])) }

// raw writes bytes: those that are not ASCII as escapes.
func (s *shower) raw(prefix, b string) {
	quoted := appendQuoted(nil, b)
	if quoteFor(b) == '"' {
		quoted = bytes.ReplaceAll(quoted, []byte(`\'`), []byte(`'`))
		quoted[0], quoted[len(quoted)-1] = '"', '"'
	}
	s.b.WriteString(prefix)
	s.b.Write(quoted)
}

// down goes one level deeper, unless that is too deep.
func (s *shower) down(open, end string) bool {
	if s.depth >= maxShownDepth {
		s.b.WriteString(open + "..." + end)
		return false
	}
	s.depth++
	s.b.WriteString(open)
	return true
}

func (s *shower) items(open string, items []any, end string) {
	if !s.down(open, end) {
		return
	}
	for i, v := range items {
		if s.full() {
			break
		}
		if i > 0 {
			s.b.WriteString(", ")
		}
		s.value(v)
	}
	s.b.WriteString(end)
	s.depth--
}

func (s *shower) pairs(open string, pairs []Pair, end string) {
	if !s.down(open, end) {
		return
	}
	for i, p := range pairs {
		if s.full() {
			break
		}
		if i > 0 {
			s.b.WriteString(", ")
		}
		s.value(p.Key)
		s.b.WriteString(": ")
		s.value(p.Value)
	}
	s.b.WriteString(end)
	s.depth--
}

func (s *shower) keys(open string, t *table, end, empty string) {
	if t.len() == 0 {
		s.b.WriteString(empty)
		return
	}
	keys := make([]any, 0, min(t.len(), s.limit))
	for v := range t.all() {
		if len(keys) == cap(keys) {
			break // each takes a character at least
		}
		keys = append(keys, v)
	}
	s.items(open, keys, end)
}

// object writes the call that makes an object and, in braces, what is done to it then.
func (s *shower) object(o *Object) {
	if !s.down("", "<object>") {
		return
	}
	switch c := o.Class.(type) {
	case nil:
		s.b.WriteString(o.Kind.String())
	default:
		s.value(c)
	}
	s.items("(", o.args(), ")")
	if len(o.Items) > 0 {
		s.items("[", o.Items, "]")
	}
	if len(o.Pairs) > 0 {
		s.pairs("{", o.Pairs, "}")
	}
	if o.HasState {
		s.b.WriteString(" <")
		s.value(o.State)
		s.b.WriteString(">")
	}
	s.depth--
}

// maxTextBits is what fits into as many digits as Python reads of a text.
const maxTextBits = DefaultMaxDigits * 3321 / 1000
