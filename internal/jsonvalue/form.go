package jsonvalue

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"mpbridge/pickle"
)

// classKey is the member that names the class of an object.
const classKey = "__class__"

func classed(class string, members ...Member) record {
	return append(record{{classKey, label(class)}}, members...)
}

// form returns how one value is written, its parts still being values.
func (w *Writer) form(v any, hashable bool) any {
	switch v := v.(type) {
	case nil, bool, int64, string, literal, label, encoded, row, keys, record, pairs, grid, Deeper:
		return v
	case *big.Int:
		return bigForm(v)
	case float64:
		return w.floatForm(v, 64)
	case complex128:
		return w.complexForm(v)
	case []byte:
		return w.bytesForm("bytes", v)
	case *pickle.ByteArray:
		return w.bytesForm("bytearray", v.Bytes)
	case pickle.ByteString:
		if w.Plain || ascii(string(v)) {
			return strings.ToValidUTF8(string(v), "\ufffd")
		}
		return w.bytesForm("bytes", []byte(v))
	case pickle.Tuple:
		switch {
		case hashable:
			return keys(v)
		case w.Plain:
			return row(v)
		}
		return classed("tuple", Member{"items", row(v)})
	case *pickle.List:
		return row(v.Items)
	case *pickle.Dict:
		return w.dictForm(v)
	case *pickle.Set:
		return w.setForm("set", collect(v.Len(), v.All()))
	case *pickle.FrozenSet:
		return w.setForm("frozenset", collect(v.Len(), v.All()))
	case pickle.Range:
		return classed("range", Member{"args", row{v.Start, v.Stop, v.Step}})
	case pickle.Slice:
		return classed("slice", Member{"args", row{v.Start, v.Stop, v.Step}})
	case pickle.Global:
		if w.Plain {
			return v.String()
		}
		return classed("global", Member{"name", label(v.String())})
	case *pickle.Object:
		return w.objectForm(v)
	}
	if w.Foreign != nil {
		if class, members, ok := w.Foreign(v); ok {
			return classed(class, labelled(members)...)
		}
	}
	return classed(pickle.TypeName(v))
}

// labelled makes texts labels: they may be gone, and another text be where they were, when the next is
// written.
func labelled(members []Member) record {
	out := make(record, len(members))
	for i, m := range members {
		if text, ok := m.Value.(string); ok {
			m.Value = label(text)
		}
		out[i] = m
	}
	return out
}

func collect(n int, seq func(func(any) bool)) []any {
	out := make([]any, 0, n)
	for v := range seq {
		out = append(out, v)
	}
	return out
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// bigForm writes an int in hexadecimal where decimal digits would take time that grows faster than
// their number.
func bigForm(n *big.Int) any {
	if float64(n.BitLen()) < maxDigits*math.Log2(10)-1 {
		return literal(n.String())
	}
	return classed("int", Member{"hex", label(n.Text(16))})
}

func (w *Writer) floatForm(f float64, bits int) any {
	text := strconv.FormatFloat(f, 'g', -1, bits)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		text = strings.ToLower(strings.TrimPrefix(text, "+"))
		if w.Plain {
			return text
		}
		return classed("float", Member{"value", label(text)})
	}
	if !strings.ContainsAny(text, ".e") {
		text += ".0" // a float stays one
	}
	return literal(text)
}

func (w *Writer) complexForm(c complex128) any {
	if w.Plain {
		return strings.ReplaceAll(strconv.FormatComplex(c, 'g', -1, 128), "i)", "j)")
	}
	return classed("complex", Member{"real", real(c)}, Member{"imag", imag(c)})
}

func (w *Writer) bytesForm(class string, b []byte) any {
	if w.Plain && utf8.Valid(b) {
		return string(b)
	}
	return classed(class, Member{"base64", encoded(b)})
}

func (w *Writer) setForm(class string, items []any) any {
	if w.Plain {
		return row(items)
	}
	return classed(class, Member{"items", keys(items)})
}

func (w *Writer) dictForm(d *pickle.Dict) any {
	if w.Plain || textKeys(d) {
		return d
	}
	items := make(pairs, 0, d.Len())
	for k, v := range d.All() {
		items = append(items, keyValue{k, v})
	}
	return classed("dict", Member{"items", items})
}

// textKeys tells whether a dict can be a JSON object that nobody takes for another class.
func textKeys(d *pickle.Dict) bool {
	for k := range d.All() {
		text, ok := pickle.Text(k)
		if _, old := k.(pickle.ByteString); !ok || text == classKey || old && !ascii(text) {
			return false
		}
	}
	return true
}

// name is a key as the name of a member. In the plain form it is what Python's json makes of it, and for
// other keys their JSON.
func (w *Writer) name(k any) string {
	if text, ok := pickle.Text(k); ok {
		if _, old := k.(pickle.ByteString); old {
			return strings.ToValidUTF8(text, "\ufffd")
		}
		return text
	}
	if f, ok := w.form(k, true).(string); ok {
		return f
	}
	s := &sink{keep: true, limit: maxName}
	(&writing{sink: s, opts: w}).value(k, true)
	return string(s.buf)
}

// maxName bounds the JSON of a key that is the name of a member, in the plain form.
const maxName = 4 << 10
