package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"strconv"
	"strings"

	"mpbridge/managers"
	"mpbridge/pickle"
)

// Python values as JSON. None, bool, int, float, str, list and dict with str keys are themselves; a
// tuple is an array. What JSON lacks is an object that names its class:
//
//	{"__class__": "bytes", "base64": "…"}        also bytearray
//	{"__class__": "set", "items": […]}           also frozenset, and tuple on the way in
//	{"__class__": "dict", "items": [[k, v], …]}  where a key is no str
//	{"__class__": "complex", "real": …, "imag": …}
//	{"__class__": "float", "value": "nan"}       also inf and -inf
//	{"__class__": "proxy", "typeid": "list", "ident": "7f…"}  an object of the manager; only on the way out
//	{"__class__": "module.Name", "args": …, …}   any other object; only on the way out
const classKey = "__class__"

// maxJSONDepth bounds nesting, and with it values that contain themselves.
const maxJSONDepth = 1000

var errTooDeep = fmt.Errorf("nested deeper than %d, or contains itself", maxJSONDepth)

// toJSON renders a decoded value on one line.
func toJSON(v any) ([]byte, error) {
	var w jsonWriter
	if err := w.value(v, 0); err != nil {
		return nil, err
	}
	return w.Bytes(), nil
}

type jsonWriter struct{ bytes.Buffer }

func (w *jsonWriter) value(v any, depth int) error {
	if depth > maxJSONDepth {
		return errTooDeep
	}
	switch v := v.(type) {
	case nil:
		w.WriteString("null")
	case bool, int64, string:
		return w.plain(v)
	case *big.Int:
		w.WriteString(v.String())
	case float64:
		return w.float(v)
	case complex128:
		return w.class("complex", depth, "real", real(v), "imag", imag(v))
	case []byte:
		return w.class("bytes", depth, "base64", base64.StdEncoding.EncodeToString(v))
	case *pickle.ByteArray:
		return w.class("bytearray", depth, "base64", base64.StdEncoding.EncodeToString(v.Bytes))
	case pickle.ByteString:
		return w.plain(string(v))
	case pickle.Tuple:
		return w.array(v, depth)
	case *pickle.List:
		return w.array(v.Items, depth)
	case *pickle.Dict:
		return w.dict(v, depth)
	case *pickle.Set:
		return w.class("set", depth, "items", collect(v.Len(), v.All()))
	case *pickle.FrozenSet:
		return w.class("frozenset", depth, "items", collect(v.Len(), v.All()))
	default:
		return w.object(v, depth)
	}
	return nil
}

func collect(n int, seq func(func(any) bool)) []any {
	out := make([]any, 0, n)
	for v := range seq {
		out = append(out, v)
	}
	return out
}

func (w *jsonWriter) plain(v any) error {
	e := json.NewEncoder(&w.Buffer)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	w.Truncate(w.Len() - len("\n"))
	return err
}

func (w *jsonWriter) float(f float64) error {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		text := strings.ToLower(strconv.FormatFloat(f, 'g', -1, 64))
		return w.class("float", 0, "value", strings.TrimPrefix(text, "+"))
	}
	text := strconv.FormatFloat(f, 'g', -1, 64)
	w.WriteString(text)
	if !bytes.ContainsAny([]byte(text), ".e") {
		w.WriteString(".0") // a float stays one
	}
	return nil
}

func (w *jsonWriter) array(items []any, depth int) error {
	w.WriteByte('[')
	for i, it := range items {
		if i > 0 {
			w.WriteByte(',')
		}
		if err := w.value(it, depth+1); err != nil {
			return err
		}
	}
	w.WriteByte(']')
	return nil
}

func (w *jsonWriter) dict(d *pickle.Dict, depth int) error {
	if !textKeys(d) {
		items := make([]any, 0, d.Len())
		for k, v := range d.All() {
			items = append(items, pickle.Tuple{k, v})
		}
		return w.class("dict", depth, "items", items)
	}
	w.WriteByte('{')
	first := true
	for k, v := range d.All() {
		if !first {
			w.WriteByte(',')
		}
		first = false
		text, _ := pickle.Text(k)
		if err := w.member(text, v, depth); err != nil {
			return err
		}
	}
	w.WriteByte('}')
	return nil
}

func (w *jsonWriter) member(name string, v any, depth int) error {
	if err := w.plain(name); err != nil {
		return err
	}
	w.WriteByte(':')
	return w.value(v, depth+1)
}

// textKeys tells whether a dict can be a JSON object that nobody takes for another class.
func textKeys(d *pickle.Dict) bool {
	for k := range d.All() {
		if text, ok := pickle.Text(k); !ok || text == classKey {
			return false
		}
	}
	return true
}

// class writes an object that names its class and has the given members.
func (w *jsonWriter) class(name string, depth int, members ...any) error {
	w.WriteString(`{"` + classKey + `":`)
	if err := w.plain(name); err != nil {
		return err
	}
	for i := 0; i < len(members); i += 2 {
		w.WriteByte(',')
		v := members[i+1]
		if items, ok := v.([]any); ok {
			v = pickle.Tuple(items)
		}
		if err := w.member(members[i].(string), v, depth); err != nil {
			return err
		}
	}
	w.WriteByte('}')
	return nil
}

// object writes what has no form of its own: class, arguments, state.
func (w *jsonWriter) object(v any, depth int) error {
	switch v := v.(type) {
	case pickle.Global:
		return w.class("global", depth, "name", v.Module+"."+v.Name)
	case pickle.Range:
		return w.class("range", depth, "args", pickle.Tuple{v.Start, v.Stop, v.Step})
	case pickle.Slice:
		return w.class("slice", depth, "args", pickle.Tuple{v.Start, v.Stop, v.Step})
	case *pickle.Object:
		return w.instance(v, depth)
	case *managers.Proxy:
		t := v.Token()
		return w.class("proxy", depth, "typeid", t.Typeid, "ident", t.Ident)
	}
	return w.class(pickle.TypeName(v), depth)
}

func (w *jsonWriter) instance(o *pickle.Object, depth int) error {
	name := "object"
	members := []any{}
	if g, ok := o.Class.(pickle.Global); ok {
		name = g.Module + "." + g.Name
	} else if o.Class != nil {
		members = append(members, "callable", o.Class)
	}
	members = append(members, "args", o.Args)
	if o.Kwargs != nil {
		members = append(members, "kwargs", o.Kwargs)
	}
	if o.HasState {
		members = append(members, "state", o.State)
	}
	if len(o.Items) > 0 {
		members = append(members, "items", o.Items)
	}
	if len(o.Pairs) > 0 {
		pairs := make([]any, len(o.Pairs))
		for i, p := range o.Pairs {
			pairs[i] = pickle.Tuple{p.Key, p.Value}
		}
		members = append(members, "pairs", pairs)
	}
	return w.class(name, depth, members...)
}

// fromJSON reads one JSON value as the Python value that it stands for.
func fromJSON(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := readJSON(d, 0)
	if err != nil {
		return nil, &usageError{fmt.Errorf("not JSON: %w", err)}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, &usageError{errors.New("not JSON: something follows the value")}
	}
	return v, nil
}

func readJSON(d *json.Decoder, depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, errTooDeep
	}
	tok, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch tok := tok.(type) {
	case json.Delim:
		if tok == '[' {
			items, err := readItems(d, depth)
			return &pickle.List{Items: items}, err
		}
		return readMembers(d, depth)
	case json.Number:
		return number(tok.String())
	default:
		return tok, nil
	}
}

func number(s string) (any, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, nil
	}
	if n, ok := new(big.Int).SetString(s, 10); ok && len(s) <= 4300 {
		return n, nil
	}
	return strconv.ParseFloat(s, 64)
}

func readItems(d *json.Decoder, depth int) (items []any, err error) {
	for d.More() {
		v, err := readJSON(d, depth+1)
		if err != nil {
			return nil, err
		}
		items = append(items, v)
	}
	_, err = d.Token()
	return items, err
}

func readMembers(d *json.Decoder, depth int) (any, error) {
	dict := pickle.NewDict()
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := readJSON(d, depth+1)
		if err != nil {
			return nil, err
		}
		if err := dict.Set(name, v); err != nil {
			return nil, err
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if class, ok := dict.Get(classKey); ok {
		return classed(class, dict)
	}
	return dict, nil
}

// classed makes the value of an object that names its class.
func classed(class any, d *pickle.Dict) (any, error) {
	items := func() []any {
		v, _ := d.Get("items")
		l, _ := v.(*pickle.List)
		if l == nil {
			return nil
		}
		return l.Items
	}
	switch class {
	case "bytes", "bytearray":
		text, _ := d.Get("base64")
		s, _ := text.(string)
		b, err := base64.StdEncoding.DecodeString(s)
		if class == "bytearray" {
			return &pickle.ByteArray{Bytes: b}, err
		}
		return b, err
	case "tuple":
		return pickle.Tuple(items()), nil
	case "set", "frozenset":
		return setOf(class == "frozenset", items())
	case "dict":
		return dictOf(items())
	case "complex":
		re, _ := d.Get("real")
		im, _ := d.Get("imag")
		return complex(floatOf(re), floatOf(im)), nil
	case "float":
		text, _ := d.Get("value")
		return strconv.ParseFloat(fmt.Sprint(text), 64)
	}
	return nil, fmt.Errorf("cannot make a %v out of JSON", class)
}

func floatOf(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case int64:
		return float64(v)
	}
	return 0
}

func setOf(frozen bool, items []any) (any, error) {
	s := pickle.NewSet()
	for _, it := range items {
		if err := s.Add(it); err != nil {
			return nil, err
		}
	}
	if frozen {
		return pickle.NewFrozenSet(items...), nil
	}
	return s, nil
}

func dictOf(items []any) (any, error) {
	d := pickle.NewDict()
	for _, it := range items {
		pair, ok := it.(*pickle.List)
		if !ok || len(pair.Items) != 2 {
			return nil, errors.New("items of a dict are [key, value] pairs")
		}
		k := pair.Items[0]
		if l, ok := k.(*pickle.List); ok {
			k = pickle.Tuple(l.Items) // a list cannot be a key: it was a tuple
		}
		if err := d.Set(k, pair.Items[1]); err != nil {
			return nil, err
		}
	}
	return d, nil
}
