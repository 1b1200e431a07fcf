package values

import (
	"encoding/binary"
	"math"
	"math/big"
	"strings"

	"mpbridge/pickle"
)

// arrayOf reads an array.array: the type code and a list, or the bytes of another machine. See
// array_reduce_ex in Modules/arraymodule.c.
func arrayOf(callee any, args pickle.Tuple) (typecode string, items []any, ok bool) {
	g, _ := callee.(pickle.Global)
	if g.Name == "array" && len(args) >= 1 && len(args) <= 2 {
		typecode, ok = pickle.Text(args[0])
		if len(args) == 2 && ok {
			items, ok = arrayContent(typecode, args[1])
		}
		return typecode, items, ok && len(typecode) == 1
	}
	if g.Name != "_array_reconstructor" || len(args) != 4 {
		return "", nil, false
	}
	typecode, ok = pickle.Text(args[1])
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
	case pickle.ByteString:
		if typecode == "c" { // a character, of Python 2
			items, err := (*Budget)(nil).letters(string(v))
			return items, err == nil
		}
		return nativeFormats[typecode].items([]byte(v))
	}
	return itemsOf(v)
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

// long is an integer that Python 2 holds in its type long, whatever its size.
type long struct{ value any }

func longs(items []any) []any {
	out := make([]any, len(items))
	for i, v := range items {
		out[i] = long{v}
	}
	return out
}

func (r *repr) array(s sequence) error {
	if err := r.put("array("); err != nil {
		return err
	}
	if err := r.native(s.typecode); err != nil {
		return err
	}
	if len(s.items) == 0 {
		return r.put(")")
	}
	if err := r.put(", "); err != nil {
		return err
	}
	if strings.Contains("uwc", s.typecode) {
		var text strings.Builder
		for _, v := range s.items {
			c, _ := pickle.Text(v)
			if len(c) > r.limit-text.Len() {
				return tooLong(r.limit)
			}
			text.WriteString(c)
		}
		if err := r.text(text.String()); err != nil {
			return err
		}
		return r.put(")")
	}
	items := s.items
	if r.style.Python2 && strings.Contains("IL", s.typecode) {
		items = longs(items)
	}
	return r.list("[", items, "])")
}
