package pickle

import (
	"encoding/binary"
	"math"
	"math/big"
)

// Sequence is a collections.deque or an array.array.
type Sequence struct {
	Class    string // with its module
	Items    []any
	Maxlen   any    // of a deque
	Typecode string // of an array
}

// SequenceOf reads a deque or an array. The items of an array are made of its bytes: 32 bytes or so for each.
func SequenceOf(o *Object) (s Sequence, ok bool) {
	g, args, ok := o.class()
	if !ok || o.HasState && o.State != nil {
		return s, false
	}
	switch {
	case g == Global{"collections", "deque"}:
		if len(args) > 0 {
			s.Items, ok = elementsOf(args[0])
		}
		if len(args) > 1 {
			s.Maxlen = args[1]
		}
		s.Class = "collections.deque"
		s.Items = append(s.Items[:len(s.Items):len(s.Items)], o.Items...)
		return s, ok
	case g.Module == "array" && (g.Name == "array" || g.Name == "_array_reconstructor"):
		s.Class = "array.array"
		s.Typecode, s.Items, ok = arrayOf(o.Class, args)
		return s, ok
	}
	return s, false
}

// elementsOf returns the elements of a tuple or a list.
func elementsOf(v any) ([]any, bool) {
	switch v := v.(type) {
	case Tuple:
		return v, true
	case *List:
		return v.Items, true
	}
	return nil, false
}

// arrayOf reads an array.array: the type code and a list, or the bytes of another machine. See
// array_reduce_ex in Modules/arraymodule.c.
func arrayOf(callee any, args Tuple) (typecode string, items []any, ok bool) {
	g, _ := callee.(Global)
	if g.Name == "array" && len(args) >= 1 && len(args) <= 2 {
		typecode, ok = Text(args[0])
		if len(args) == 2 && ok {
			items, ok = arrayContent(typecode, args[1])
		}
		return typecode, items, ok && len(typecode) == 1
	}
	if g.Name != "_array_reconstructor" || len(args) != 4 {
		return "", nil, false
	}
	typecode, ok = Text(args[1])
	format, ok2 := args[2].(int64)
	data, ok3 := args[3].([]byte)
	if !ok || !ok2 || !ok3 || format < 0 || int(format) >= len(machineFormats) {
		return "", nil, false
	}
	items, ok = machineFormats[format].items(data)
	return typecode, items, ok
}

// nativeFormats are those of the typecodes on the machines that Python runs on today.
var nativeFormats = map[string]machineFormat{
	"b": {1, 'i'}, "B": {1, 'u'}, "h": {2, 'i'}, "H": {2, 'u'}, "i": {4, 'i'}, "I": {4, 'u'}, "l": {8, 'i'},
	"L": {8, 'u'}, "q": {8, 'i'}, "Q": {8, 'u'}, "f": {4, 'f'}, "d": {8, 'f'}, "u": {4, 't'}, "w": {4, 't'},
}

// arrayContent reads what stands behind the typecode: a list, or the bytes as they lie in memory, which is how
// multiprocessing pickles an array (reduce_array in Lib/multiprocessing/managers.py).
func arrayContent(typecode string, v any) ([]any, bool) {
	switch v := v.(type) {
	case []byte:
		return nativeFormats[typecode].items(v)
	case ByteString:
		if typecode == "c" { // a character, of Python 2
			items := make([]any, len(v))
			for i := range len(v) {
				items[i] = v[i : i+1]
			}
			return items, true
		}
		return nativeFormats[typecode].items([]byte(v))
	}
	return elementsOf(v)
}

// machineFormat is how one element of an array lies in memory.
type machineFormat struct {
	size int
	kind byte // unsigned, int, float, text
}

// machineFormats is enum machine_format_code: from its third on, each size comes in little and big
// endian.
var machineFormats = [...]machineFormat{
	{1, 'u'}, {1, 'i'}, {2, 'u'}, {-2, 'u'}, {2, 'i'}, {-2, 'i'}, {4, 'u'}, {-4, 'u'}, {4, 'i'},
	{-4, 'i'}, {8, 'u'}, {-8, 'u'}, {8, 'i'}, {-8, 'i'}, {4, 'f'}, {-4, 'f'}, {8, 'f'}, {-8, 'f'},
	{2, 't'}, {-2, 't'}, {4, 't'}, {-4, 't'},
}

func (f machineFormat) items(data []byte) ([]any, bool) {
	size := max(f.size, -f.size)
	if size == 0 || len(data)%size != 0 || f.kind == 't' && size == 2 {
		return nil, false // UTF-16 stays closed
	}
	items := make([]any, 0, len(data)/size)
	for ; len(data) > 0; data = data[size:] {
		items = append(items, f.item(data[:size]))
	}
	return items, true
}

func (f machineFormat) item(data []byte) any {
	var wide [8]byte
	var n uint64
	if f.size > 0 {
		copy(wide[:], data)
		n = binary.LittleEndian.Uint64(wide[:])
	} else {
		copy(wide[8-len(data):], data)
		n = binary.BigEndian.Uint64(wide[:])
	}
	shift := 64 - 8*len(data)
	switch {
	case f.kind == 'i':
		return int64(n<<shift) >> shift
	case f.kind == 'f' && len(data) == 4:
		return float64(math.Float32frombits(uint32(n)))
	case f.kind == 'f':
		return math.Float64frombits(n)
	case f.kind == 't':
		return string(rune(n))
	case n > math.MaxInt64:
		return new(big.Int).SetUint64(n)
	}
	return int64(n)
}
