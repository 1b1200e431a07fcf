package server

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"unicode/utf8"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/managers/internal/wire"
	"mpbridge/pickle"
)

// arrayType is one typecode of array.array on a machine with 64 bits.
type arrayType struct {
	code     string
	size     int  // bytes of an element
	unsigned bool // of an integer
	kind     arrayKind
	name     string // as its OverflowError calls it
}

type arrayKind uint8

const (
	arrayInt arrayKind = iota
	arrayFloat
	arrayText
)

// arrayTypes are the rows of descriptors in Modules/arraymodule.c. Python 2 has c, newer ones w.
var arrayTypes = map[string]arrayType{
	"b": {"b", 1, false, arrayInt, "signed char"},
	"B": {"B", 1, true, arrayInt, "unsigned byte integer"},
	"h": {"h", 2, false, arrayInt, "signed short integer"},
	"H": {"H", 2, true, arrayInt, "unsigned short"},
	"i": {"i", 4, false, arrayInt, "signed integer"},
	"I": {"I", 4, true, arrayInt, "unsigned int"},
	"l": {"l", 8, false, arrayInt, ""},
	"L": {"L", 8, true, arrayInt, ""},
	"q": {"q", 8, false, arrayInt, ""},
	"Q": {"Q", 8, true, arrayInt, ""},
	"f": {"f", 4, false, arrayFloat, ""},
	"d": {"d", 8, false, arrayFloat, ""},
	"u": {"u", 4, false, arrayText, ""},
	"w": {"w", 4, false, arrayText, ""},
	"c": {"c", 1, false, arrayText, ""},
}

func arrayTypeOf(v any) (arrayType, error) {
	code, ok := values.Text(v)
	if !ok {
		return arrayType{}, managers.ErrTypeError.New(fmt.Sprintf("array() argument 1 must be str, not %s", values.TypeName(v)))
	}
	if t, ok := arrayTypes[code]; ok {
		return t, nil
	}
	return arrayType{}, managers.ErrValueError.New("bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)")
}

// initial reads the second argument of array.array.
func (t arrayType) initial(b *values.Budget, v any) ([]any, error) {
	if o, ok := v.(*pickle.Object); ok {
		if s, ok := pickle.NumpyScalar(o); ok { // text and bytes of numpy are text and bytes
			v = s
		}
	}
	switch v := v.(type) {
	case string:
		if t.kind != arrayText {
			return nil, managers.ErrTypeError.New(fmt.Sprintf(
				"cannot use a str to initialize an array with typecode '%s'", t.code))
		}
	case pickle.ByteString:
		if t.kind != arrayText {
			return t.unpack(b, []byte(v), binary.LittleEndian)
		}
	case []byte:
		return t.unpack(b, v, binary.LittleEndian)
	case *pickle.ByteArray:
		return t.unpack(b, v.Bytes, binary.LittleEndian)
	}
	if _, items, ok := arrayOf(b, v); ok {
		return t.items(b, items)
	} else if err := b.Refused(); err != nil {
		return nil, err
	}
	items, err := b.Numbers(v)
	if err != nil {
		return nil, err
	}
	return t.items(b, items)
}

func (t arrayType) items(b *values.Budget, vs []any) ([]any, error) {
	if err := b.MakeEach(len(vs), values.ValueBytes); err != nil {
		return nil, err
	}
	out := make([]any, len(vs))
	for i, v := range vs {
		item, err := t.item(v)
		if err != nil {
			return nil, err
		}
		out[i] = item
	}
	return out, nil
}

// item makes an element of a value: an int64 or *big.Int, a float64, a text of one character.
func (t arrayType) item(v any) (any, error) {
	switch t.kind {
	case arrayFloat:
		return t.float(v)
	case arrayText:
		s, ok := values.Text(v)
		if !ok || utf8.RuneCountInString(s) != 1 {
			return nil, managers.ErrTypeError.New("array item must be a unicode character, not " + values.TypeName(v))
		}
		if _, object := v.(*pickle.Object); object {
			return s, nil // of another name
		}
		return v, nil
	}
	switch n, _ := values.Integer(v); n := n.(type) {
	case int64:
		return t.checked(big.NewInt(n))
	case *big.Int:
		return t.checked(n)
	}
	return nil, managers.ErrTypeError.New(fmt.Sprintf("'%s' object cannot be interpreted as an integer", values.TypeName(v)))
}

func (t arrayType) float(v any) (any, error) {
	f, err := values.Float(v)
	if err != nil {
		return nil, err
	}
	if t.size == 4 {
		return float64(float32(f)), nil
	}
	return f, nil
}

// checked returns an integer that fits, or an OverflowError with the words that the typecode has.
func (t arrayType) checked(n *big.Int) (any, error) {
	low, high := new(big.Int), new(big.Int).Lsh(big.NewInt(1), uint(8*t.size))
	if !t.unsigned {
		high.Rsh(high, 1)
		low.Neg(high)
	}
	switch {
	case n.Cmp(low) < 0:
		return nil, managers.ErrOverflowError.New(t.overflow("less than minimum", true))
	case n.Cmp(high) >= 0:
		return nil, managers.ErrOverflowError.New(t.overflow("greater than maximum", false))
	case n.IsInt64():
		return n.Int64(), nil
	}
	return n, nil
}

func (t arrayType) overflow(how string, negative bool) string {
	switch {
	case negative && t.unsigned && t.size >= 4:
		return "can't convert negative value to unsigned int"
	case t.name != "":
		return t.name + " is " + how
	case t.code == "l":
		return "Python int too large to convert to C long"
	}
	return "int too big to convert"
}

// value is the array that pickles make of elements. Every Python reads a call of array.array.
func (t arrayType) value(items []any, d pickle.Dialect) any {
	var content any = &pickle.List{Items: items}
	return &pickle.Object{Kind: pickle.Reduce, Class: pickle.Global{Module: "array", Name: "array"},
		Args: pickle.Tuple{wire.NativeText(t.code, d), content}}
}

// unpack reads elements as they lie in memory.
func (t arrayType) unpack(w *values.Budget, b []byte, order binary.ByteOrder) ([]any, error) {
	if len(b)%t.size != 0 {
		return nil, managers.ErrValueError.New("bytes length not a multiple of item size")
	}
	if err := w.MakeEach(len(b)/t.size, values.ValueBytes); err != nil {
		return nil, err
	}
	items := make([]any, 0, len(b)/t.size)
	for ; len(b) > 0; b = b[t.size:] {
		items = append(items, t.element(b[:t.size], order))
	}
	return items, nil
}

func (t arrayType) element(b []byte, order binary.ByteOrder) any {
	var bits uint64
	switch t.size {
	case 1:
		bits = uint64(b[0])
	case 2:
		bits = uint64(order.Uint16(b))
	case 4:
		bits = uint64(order.Uint32(b))
	default:
		bits = order.Uint64(b)
	}
	switch {
	case t.code == "c":
		return pickle.ByteString(b)
	case t.kind == arrayText:
		return string(rune(bits))
	case t.kind == arrayFloat && t.size == 4:
		return float64(math.Float32frombits(uint32(bits)))
	case t.kind == arrayFloat:
		return math.Float64frombits(bits)
	case t.unsigned && bits > math.MaxInt64:
		return new(big.Int).SetUint64(bits)
	case t.unsigned:
		return int64(bits)
	}
	shift := 64 - 8*t.size
	return int64(bits<<shift) >> shift
}

// machineFormats are the codes of _array_reconstructor's third argument that a machine can have which
// runs Python today: Modules/arraymodule.c, enum machine_format_code.
var machineFormats = map[int64]struct {
	like string // the typecode whose elements look the same
	big  bool
}{
	0: {"B", false}, 1: {"b", false}, 2: {"H", false}, 3: {"H", true}, 4: {"h", false}, 5: {"h", true},
	6: {"I", false}, 7: {"I", true}, 8: {"i", false}, 9: {"i", true}, 10: {"Q", false}, 11: {"Q", true},
	12: {"q", false}, 13: {"q", true}, 14: {"f", false}, 15: {"f", true}, 16: {"d", false},
	17: {"d", true}, 20: {"u", false}, 21: {"u", true},
}

// rebuiltArray reads the arguments (array, typecode, format, bytes) of _array_reconstructor.
func rebuiltArray(w *values.Budget, args pickle.Tuple) (code string, items []any, ok bool) {
	code, ok = pickle.Text(args[1])
	format, isInt := args[2].(int64)
	b, isBytes := args[3].([]byte)
	f, known := machineFormats[format]
	if !ok || !isInt || !isBytes || !known {
		return "", nil, false
	}
	var order binary.ByteOrder = binary.LittleEndian
	if f.big {
		order = binary.BigEndian
	}
	items, err := arrayTypes[f.like].unpack(w, b, order)
	return code, items, err == nil
}
