package jsonvalue

import (
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"path"
	"slices"
	"strconv"

	"mpbridge/pickle"
)

// Reader reads JSON as the Python values that it stands for. The zero Reader is ready to use; a Reader may
// be used by several goroutines at once.
type Reader struct {
	// Classes are patterns of path.Match for the classes and functions that JSON may name besides those
	// that do nothing when they are called: "app.Color", "app.*".
	Classes []string
}

// Read reads one JSON value. The error is an *Error or ErrTooDeep.
func (r *Reader) Read(text []byte) (any, error) {
	p := parser{in: text}
	tree, err := p.document()
	if err != nil {
		return nil, err
	}
	b := builder{opts: r, shared: make(map[int64]any)}
	return b.value(tree, false)
}

// allows tells whether the user lets JSON name a class or function.
func (r *Reader) allows(g pickle.Global) bool {
	return slices.ContainsFunc(r.Classes, func(pattern string) bool {
		ok, _ := path.Match(pattern, g.String())
		return ok
	})
}

// builder makes Python values of what was parsed.
type builder struct {
	opts   *Reader
	shared map[int64]any
	number int64 // that the next container gets, 0 for none
}

// begun notes a container under the number that it has, before its elements are made: it may contain
// itself.
func (b *builder) begun(v any) {
	if b.number != 0 {
		b.shared[b.number], b.number = v, 0
	}
}

// value makes one value. hashable says that it stands where no list can.
func (b *builder) value(tree any, hashable bool) (any, error) {
	switch t := tree.(type) {
	case array:
		if hashable {
			return b.tuple(t, true)
		}
		l := &pickle.List{Items: make([]any, len(t))}
		b.begun(l)
		return l, b.fill(l.Items, t, false)
	case *object:
		return b.object(t, hashable)
	}
	return tree, nil
}

func (b *builder) fill(to []any, from array, hashable bool) (err error) {
	for i, t := range from {
		if to[i], err = b.value(t, hashable); err != nil {
			return err
		}
		from[i] = nil
	}
	return nil
}

func (b *builder) tuple(t array, hashable bool) (any, error) {
	out := make(pickle.Tuple, len(t))
	b.begun(out)
	return out, b.fill(out, t, hashable)
}

func (b *builder) object(o *object, hashable bool) (any, error) {
	if i := slices.Index(o.names, classKey); i >= 0 {
		class, ok := o.values[i].(string)
		if !ok {
			return nil, wrong("%s is no text", classKey)
		}
		return b.classed(class, o, hashable)
	}
	d := pickle.NewDict()
	b.begun(d)
	for i, name := range o.names {
		v, err := b.value(o.values[i], false)
		if err != nil {
			return nil, err
		}
		if err := d.Set(name, v); err != nil {
			return nil, wrong("%v", err)
		}
	}
	return d, nil
}

// classes are the objects that have a form of their own. Those with a dot have it where there is the
// member that the form begins with; else they are made as their pickle says.
var classes map[string]func(*builder, *members) (any, error)

func init() {
	classes = map[string]func(*builder, *members) (any, error){
		"shared": (*builder).sharedValue, "ref": (*builder).reference,
		"tuple": (*builder).tupleValue, "set": (*builder).setValue, "frozenset": (*builder).setValue,
		"dict": (*builder).dictValue, "bytes": (*builder).bytesValue, "bytearray": (*builder).bytesValue,
		"float": (*builder).floatValue, "int": (*builder).intValue, "complex": (*builder).complexValue,
		"range": (*builder).rangeValue, "slice": (*builder).rangeValue, "global": (*builder).globalValue,
		"ellipsis": (*builder).constant, "NotImplementedType": (*builder).constant,
	}
	for _, more := range []map[string]func(*builder, *members) (any, error){
		timeClasses, textClasses, arrayClasses,
	} {
		for name, f := range more {
			classes[name] = f
		}
	}
}

func (b *builder) classed(class string, o *object, hashable bool) (any, error) {
	m := &members{class: class, o: o, hashable: hashable, used: 1}
	make, known := classes[class]
	if !known || m.has("args") && class != "range" && class != "slice" {
		make = (*builder).instance
	}
	v, err := make(b, m)
	if err != nil {
		return nil, err
	}
	return v, m.end()
}

// members are those of an object that names its class.
type members struct {
	class    string
	o        *object
	hashable bool
	used     int
}

func (m *members) has(name string) bool { return slices.Contains(m.o.names, name) }

// take returns a member, nil where there is none.
func (m *members) take(name string) any {
	i := slices.Index(m.o.names, name)
	if i < 0 {
		return nil
	}
	m.used++
	return m.o.values[i]
}

// end fails where there is a member that nobody asked for, or one twice.
func (m *members) end() error {
	if m.used != len(m.o.names) {
		return wrong("%s: a member is not known, or there twice", m.class)
	}
	return nil
}

func (m *members) wrong(name, want string) error {
	return wrong("%.100s: %s: want %s", m.class, name, want)
}

func (m *members) text(name string) (string, error) {
	s, ok := m.take(name).(string)
	if !ok {
		return "", m.wrong(name, "a text")
	}
	return s, nil
}

func (m *members) array(name string) (array, error) {
	a, ok := m.take(name).(array)
	if !ok {
		return nil, m.wrong(name, "an array")
	}
	return a, nil
}

func (m *members) int(name string) (int64, error) {
	n, ok := m.take(name).(int64)
	if !ok {
		return 0, m.wrong(name, "an int")
	}
	return n, nil
}

func (b *builder) sharedValue(m *members) (any, error) {
	n, err := m.int("id")
	if err != nil {
		return nil, err
	}
	if _, twice := b.shared[n]; twice || n < 1 {
		return nil, m.wrong("id", "a new number from 1 on")
	}
	if !m.has("value") {
		return nil, m.wrong("value", "a value")
	}
	b.number = n
	v, err := b.value(m.take("value"), m.hashable)
	if err != nil {
		return nil, err
	}
	b.number = 0
	b.shared[n] = v
	return v, nil
}

func (b *builder) reference(m *members) (any, error) {
	n, err := m.int("id")
	if err != nil {
		return nil, err
	}
	v, ok := b.shared[n]
	if !ok {
		return nil, m.wrong("id", "the number of a shared value that stands before")
	}
	return v, nil
}

func (b *builder) tupleValue(m *members) (any, error) {
	items, err := m.array("items")
	if err != nil {
		return nil, err
	}
	return b.tuple(items, m.hashable)
}

func (b *builder) setValue(m *members) (any, error) {
	items, err := m.array("items")
	if err != nil {
		return nil, err
	}
	s := pickle.NewSet()
	if m.class == "set" {
		b.begun(s)
	}
	b.number = 0
	out := make([]any, len(items))
	if err := b.fill(out, items, true); err != nil {
		return nil, err
	}
	for _, it := range out {
		if err := s.Add(it); err != nil {
			return nil, wrong("%s: %v", m.class, err)
		}
	}
	if m.class == "frozenset" {
		return pickle.NewFrozenSet(out...), nil
	}
	return s, nil
}

func (b *builder) dictValue(m *members) (any, error) {
	items, err := m.array("items")
	if err != nil {
		return nil, err
	}
	d := pickle.NewDict()
	b.begun(d)
	return d, b.pairs(m, items, func(k, v any) error { return d.Set(k, v) })
}

// pairs makes the keys and values of an array of [key, value].
func (b *builder) pairs(m *members, items array, add func(k, v any) error) error {
	for _, it := range items {
		pair, ok := it.(array)
		if !ok || len(pair) != 2 {
			return wrong("%.100s: want pairs [key, value]", m.class)
		}
		k, err := b.value(pair[0], true)
		if err != nil {
			return err
		}
		v, err := b.value(pair[1], false)
		if err != nil {
			return err
		}
		if err := add(k, v); err != nil {
			return wrong("%.100s: %v", m.class, err)
		}
	}
	return nil
}

func (b *builder) bytesValue(m *members) (any, error) {
	data, err := m.bytes()
	if err != nil {
		return nil, err
	}
	if m.class == "bytearray" {
		return &pickle.ByteArray{Bytes: data}, nil
	}
	return data, nil
}

// bytes reads the one of base64, hex and text that is there.
func (m *members) bytes() (data []byte, err error) {
	name := "base64"
	switch {
	case m.has("hex"):
		name = "hex"
	case m.has("text"):
		name = "text"
	}
	text, err := m.text(name)
	switch {
	case err != nil:
		return nil, err
	case name == "base64":
		data, err = base64.StdEncoding.DecodeString(text)
	case name == "hex":
		data, err = hex.DecodeString(text)
	case !ascii(text):
		return nil, m.wrong(name, "ASCII")
	default:
		data = []byte(text)
	}
	if err != nil {
		return nil, m.wrong(name, name)
	}
	return data, nil
}

func (b *builder) floatValue(m *members) (any, error) {
	text, err := m.text("value")
	if err != nil {
		return nil, err
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, m.wrong("value", "nan, inf, -inf or a number")
	}
	return f, nil
}

func (b *builder) intValue(m *members) (any, error) {
	text, err := m.text("hex")
	if err != nil {
		return nil, err
	}
	n, ok := new(big.Int).SetString(text, 16)
	if !ok {
		return nil, m.wrong("hex", "hexadecimal digits")
	}
	if n.IsInt64() {
		return n.Int64(), nil
	}
	return n, nil
}

func (b *builder) complexValue(m *members) (any, error) {
	re, err := b.float(m, "real")
	if err != nil {
		return nil, err
	}
	im, err := b.float(m, "imag")
	return complex(re, im), err
}

func (b *builder) float(m *members, name string) (float64, error) {
	v, err := b.value(m.take(name), false)
	if err != nil {
		return 0, err
	}
	switch v := v.(type) {
	case float64:
		return v, nil
	case int64:
		return float64(v), nil
	}
	return 0, m.wrong(name, "a number")
}

// rangeValue makes a range or a slice.
func (b *builder) rangeValue(m *members) (any, error) {
	args, err := m.array("args")
	if err != nil {
		return nil, err
	}
	out := make([]any, len(args))
	if err := b.fill(out, args, false); err != nil {
		return nil, err
	}
	if len(out) != 3 {
		return nil, m.wrong("args", "start, stop and step")
	}
	if m.class == "slice" {
		return pickle.Slice{Start: out[0], Stop: out[1], Step: out[2]}, nil
	}
	for _, part := range out {
		switch part.(type) {
		case int64, *big.Int:
		default:
			return nil, m.wrong("args", "ints")
		}
	}
	if out[2] == int64(0) {
		return nil, m.wrong("args", "a step that is not 0")
	}
	return pickle.Range{Start: out[0], Stop: out[1], Step: out[2]}, nil
}

func (b *builder) constant(m *members) (any, error) {
	if m.class == "ellipsis" {
		return pickle.Ellipsis{}, nil
	}
	return pickle.NotImplemented{}, nil
}
