package pickle

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
)

// This file finds the plain values that objects of Python stand for: members of enums, instances of
// subclasses of int and str, numpy's scalars, decimals, UUIDs, paths.

// meant returns the value that v stands for where dst is plain, or v. done says that dst was filled.
func (a *assigner) meant(dst reflect.Value, v any) (out any, done bool, err error) {
	if g, ok := v.(Global); ok {
		return namedMember(dst, g)
	}
	o, ok := v.(*Object)
	if !ok {
		return v, false, nil
	}
	t := dst.Type()
	if t == rawType || t == tupleType || own[t] || values[t] {
		return v, false, nil
	}
	arr, isNumpy, err := numpyOf(o)
	switch {
	case err != nil:
		return nil, true, because(dst, o, err)
	case isNumpy && len(arr.shape) > 0:
		return nil, true, a.array(dst, o, arr)
	case isNumpy:
		return a.numpyValue(dst, o, arr)
	case isText(t):
		if text, ok := textOf(o); ok {
			return text, false, nil
		}
	case isFloat(t):
		if f, ok, err := floatOf(o, a.lim.digits); ok {
			if err != nil {
				return nil, true, because(dst, o, err)
			}
			return f, false, nil
		}
	}
	if !isScalar(t) {
		return v, false, nil
	}
	if value, ok := memberOf(o); ok {
		return nil, true, a.assign(dst, value)
	}
	return v, false, nil
}

// numpyValue returns what a scalar, or an array without dimensions, holds. Times stay what they are.
func (a *assigner) numpyValue(dst reflect.Value, o *Object, arr *ndarray) (v any, done bool, err error) {
	if arr.kind == 'M' || arr.kind == 'm' {
		return arr, false, nil
	}
	if v, err = arr.at(0); err != nil {
		return nil, true, because(dst, o, err)
	}
	if arr.kind == 'O' {
		return nil, true, a.assign(dst, v)
	}
	return v, false, nil
}

func isText(t reflect.Type) bool { return t.Kind() == reflect.String }

func isFloat(t reflect.Type) bool {
	return t.Kind() == reflect.Float64 || t.Kind() == reflect.Float32
}

// isScalar tells whether values of a type are one number, truth or text.
func isScalar(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Complex64, reflect.Complex128:
		return true
	case reflect.Struct:
		return t == bigIntType || t == bigRatType || t == bigFloatType
	}
	return isFloat(t) || t.Kind() >= reflect.Int && t.Kind() <= reflect.Uintptr && t != durationType
}

// memberOf returns the value of an enum's member, which pickles as a call of its class with the value, or
// that of an instance of a subclass of int, float, str or bytes. An exception pickles alike, and is no value.
//
// Sources: Lib/enum.py, Enum.__reduce_ex__; Lib/copyreg.py; int.__getnewargs__ and its like.
func memberOf(o *Object) (any, bool) {
	args := o.args()
	if o.Setter != nil || len(o.Items) > 0 || len(o.Pairs) > 0 {
		return nil, false
	}
	if g, _ := o.Class.(Global); o.Kind == Reduce && g == (Global{"copyreg", "_reconstructor"}) {
		if len(args) != 3 || args[1] == (Global{"builtins", "object"}) {
			return nil, false
		}
		return args[2], true
	}
	if len(args) != 1 {
		return nil, false
	}
	switch o.Kind {
	case NewObj:
		return args[0], true
	case Reduce:
		return args[0], !o.HasState && isEnumLike(o.Class)
	}
	return nil, false
}

// Member returns the value that o was made of where o is a member of an enum, which pickles as a call of its class
// with the value, or an instance of a subclass of int, float, str, bytes or tuple. It is a guess by the form of the
// pickle, in which a class of any other kind that is made of one argument looks the same.
func Member(o *Object) (any, bool) { return memberOf(o) }

// namedMember returns the value of a member that is pickled by its name.
func namedMember(dst reflect.Value, g Global) (v any, done bool, err error) {
	if k := dst.Kind(); k < reflect.Int || k > reflect.Float64 {
		return g, false, nil
	}
	n, ok := NamedMember(g)
	if !ok {
		return nil, true, &TypeError{GoType: dst.Type(), Python: fmt.Sprintf("%s (its name is pickled, and no value)", g)}
	}
	return n, false, nil
}

// textOf returns the text that an object has: a UUID, a path, a Decimal, a Fraction.
func textOf(o *Object) (string, bool) {
	g, args, _ := o.class()
	switch {
	case g.Module == "uuid":
		id, err := asUUID(o)
		return uuidText(id), err == nil
	case g.Module == "pathlib" || g.Module == "pathlib._local":
		return pathText(g.Name, args)
	case o.IsA("decimal", "Decimal") && len(args) == 1:
		return asText(args[0])
	case o.IsA("fractions", "Fraction"):
		if len(args) == 1 {
			return asText(args[0])
		}
		r, err := asRat(o, DefaultMaxDigits)
		if err != nil {
			return "", false
		}
		return r.RatString(), true
	}
	return "", false
}

func uuidText(id [16]byte) string {
	h := hex.EncodeToString(id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// pathText joins the parts of a path, or returns the one text that newer Pythons send.
func pathText(class string, args Tuple) (string, bool) {
	sep := "/"
	switch class {
	case "PureWindowsPath", "WindowsPath":
		sep = `\`
	case "PurePosixPath", "PosixPath", "PurePath", "Path":
	default:
		return "", false
	}
	var b strings.Builder
	for i, part := range args {
		s, ok := asText(part)
		if !ok {
			return "", false
		}
		if i > 1 || i == 1 && !strings.HasSuffix(b.String(), sep) {
			b.WriteString(sep)
		}
		b.WriteString(s)
	}
	return cleanPath(b.String(), sep), true
}

// floatOf returns a Decimal or a Fraction as the nearest float, as Python's float does.
func floatOf(o *Object, maxDigits int) (f float64, ok bool, err error) {
	_, args, _ := o.class()
	switch {
	case o.IsA("decimal", "Decimal") && len(args) == 1:
		text, isText := asText(args[0])
		if !isText || len(text) > maxDigits || strings.ContainsAny(text, "xXpP_") {
			return 0, true, errShape
		}
		if strings.HasPrefix(strings.TrimLeft(text, "+-"), "sNaN") || strings.HasPrefix(strings.TrimLeft(text, "+-"), "NaN") {
			return math.NaN(), true, nil
		}
		f, err = strconv.ParseFloat(text, 64)
		if err != nil {
			return 0, true, ErrRange
		}
		return f, true, nil
	case o.IsA("fractions", "Fraction"):
		r, err := asRat(o, maxDigits)
		if err != nil {
			return 0, true, err
		}
		if f, _ = r.Float64(); math.IsInf(f, 0) {
			return 0, true, ErrRange
		}
		return f, true, nil
	}
	return 0, false, nil
}

// bigFloat fills a big.Float: with the very number where dst's precision takes it, or is 0; a Decimal or a
// Fraction is rounded to the precision, or to the 64 bits and more that big.Float.SetRat chooses.
func (a *assigner) bigFloat(dst reflect.Value, v any) error {
	to := dst.Addr().Interface().(*big.Float)
	switch n := v.(type) {
	case int64:
		to.SetInt64(n)
	case *big.Int:
		to.SetInt(n)
	case float64:
		if math.IsNaN(n) {
			return because(dst, v, ErrRange)
		}
		to.SetFloat64(n)
	default:
		return a.bigFloatOf(dst, v, to)
	}
	if to.Acc() != big.Exact {
		return because(dst, v, ErrInexact)
	}
	return nil
}

func (a *assigner) bigFloatOf(dst reflect.Value, v any, to *big.Float) error {
	if o, ok := v.(*Object); ok && o.IsA("decimal", "Decimal") {
		switch text, _ := textOf(o); text {
		case "Infinity", "-Infinity":
			to.SetInf(text[0] == '-')
			return nil
		}
	}
	r, err := asRat(v, a.lim.digits)
	if err != nil {
		return because(dst, v, err)
	}
	to.SetRat(r)
	return nil
}
