package sharedmem

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"unicode/utf8"
)

// The formats of items that are not text: _types_mapping of ShareableList.
const (
	formatInt   = "q"
	formatFloat = "d"
	formatBool  = "xxxxxxx?"
	formatNone  = "xxxxxx?x"
)

// The codes of items: _back_transforms_mapping.
const (
	codePlain byte = iota // int, float, bool
	codeStr
	codeBytes
	codeNone
)

// listItem is an item as it is stored.
type listItem struct {
	format string // "" for text, whose format depends on its slot
	code   byte
	data   []byte
}

// room is the slot that ShareableList gives to an item: there is always at least one zero behind a text.
func (i listItem) room() int { return word * (len(i.data)/word + 1) }

// newListItem returns how a value is stored, or the reason why it is not.
func newListItem(v any) (listItem, error) {
	switch v := v.(type) {
	case nil:
		return listItem{formatNone, codeNone, make([]byte, word)}, nil
	case []byte:
		return textItem(codeBytes, v)
	case *big.Int:
		if v == nil || !v.IsInt64() {
			return listItem{}, fmt.Errorf("an int that 64 bits do not hold: %w", ErrRange)
		}
		return wordItem(formatInt, uint64(v.Int64())), nil
	}
	return basicItem(reflect.ValueOf(v))
}

// basicItem is newListItem for Go's basic types, and types made of them.
func basicItem(v reflect.Value) (listItem, error) {
	switch {
	case v.Kind() == reflect.Bool:
		data := make([]byte, word)
		if v.Bool() {
			data[word-1] = 1
		}
		return listItem{formatBool, codePlain, data}, nil
	case v.Kind() == reflect.String:
		if !utf8.ValidString(v.String()) {
			return listItem{}, ErrNotText
		}
		return textItem(codeStr, []byte(v.String()))
	case v.CanInt():
		return wordItem(formatInt, uint64(v.Int())), nil
	case v.CanUint():
		if v.Uint() > math.MaxInt64 {
			return listItem{}, fmt.Errorf("%d: an int that 64 bits do not hold: %w", v.Uint(), ErrRange)
		}
		return wordItem(formatInt, v.Uint()), nil
	case v.CanFloat():
		return wordItem(formatFloat, math.Float64bits(v.Float())), nil
	}
	return listItem{}, fmt.Errorf("a %v: %w", v.Type(), ErrType)
}

func wordItem(format string, bits uint64) listItem {
	return listItem{format, codePlain, binary.NativeEndian.AppendUint64(nil, bits)}
}

// textItem refuses what nobody could read again: readers take off all zero bytes at the end.
func textItem(code byte, data []byte) (listItem, error) {
	if len(data) > 0 && data[len(data)-1] == 0 {
		return listItem{}, ErrTrailingZero
	}
	return listItem{"", code, data}, nil
}

// put stores an item in its slot. It changes nothing where the item does not fit.
func (l *listLayout) put(mem []byte, i int, item listItem) error {
	slot, format := l.slot(mem, i), item.format
	if len(item.data) > len(slot) {
		return fmt.Errorf("%d bytes, the item has room for %d: %w", len(item.data), len(slot), ErrTooLong)
	}
	if format == "" {
		var ok bool
		if format, ok = textFormat(len(slot)); !ok {
			return fmt.Errorf("a slot of %d bytes: %w", len(slot), ErrTooLong)
		}
	}
	l.setFormat(mem, i, format, item.code)
	clear(slot[copy(slot, item.data):])
	return nil
}

// get returns the value of an item as __getitem__ does: None, bool, int64, float64, string or []byte.
func (l *listLayout) get(mem []byte, i int) (any, error) {
	v, err := l.unpack(mem, i)
	if err != nil {
		return nil, err
	}
	text, isText := v.([]byte)
	switch code := mem[l.codes+i]; {
	case code == codeNone:
		return nil, nil
	case code == codePlain:
		return v, nil
	case code == codeStr && isText:
		s := trimmed(text)
		if !utf8.ValidString(s) {
			return nil, ErrNotText
		}
		return s, nil
	case code == codeBytes && isText:
		return []byte(trimmed(text)), nil
	default:
		return nil, &FormatError{l.codes + i, fmt.Sprintf("a code of %d for %q", code, l.format(mem, i))}
	}
}

// unpack is struct.unpack_from of an item's format.
func (l *listLayout) unpack(mem []byte, i int) (any, error) {
	slot, format := l.slot(mem, i), l.format(mem, i)
	at := l.formats() + formatSize*i
	need, isText := textLength(format)
	if !isText {
		need = word
	}
	if need > len(slot) {
		return nil, &FormatError{at, fmt.Sprintf("the format %q: the item has %d bytes", format, len(slot))}
	}
	switch {
	case isText:
		return append([]byte{}, slot[:need]...), nil
	case format == formatInt:
		return int64(binary.NativeEndian.Uint64(slot)), nil
	case format == formatFloat:
		return math.Float64frombits(binary.NativeEndian.Uint64(slot)), nil
	case format == formatBool:
		return slot[7] != 0, nil
	case format == formatNone:
		return slot[6] != 0, nil
	}
	return nil, &FormatError{at, fmt.Sprintf("the format %q, want that of an int, a float, a bool, None or text", format)}
}
