package pickle

import "unsafe"

// ident is what makes a value one Python object: where it lies in memory. Values that are equal but
// lie elsewhere are other objects.
type ident struct {
	at   unsafe.Pointer
	size int
	kind identKind
}

type identKind uint8

const (
	identPointer identKind = iota + 1
	identTuple
	identText
	identByteString
	identBytes
)

func pointerIdent[T any](p *T) ident { return ident{unsafe.Pointer(p), 0, identPointer} }

func tupleIdent(t Tuple) ident {
	return ident{unsafe.Pointer(unsafe.SliceData(t)), len(t), identTuple}
}

func textIdent(s string) ident {
	return ident{unsafe.Pointer(unsafe.StringData(s)), len(s), identText}
}

func byteStringIdent(s ByteString) ident {
	return ident{unsafe.Pointer(unsafe.StringData(string(s))), len(s), identByteString}
}

func bytesIdent(b []byte) ident {
	return ident{unsafe.Pointer(unsafe.SliceData(b)), len(b), identBytes}
}

// unfinished is the memo number of a value that is being written and must be complete before it can
// get one: a tuple, or the arguments of an object.
const unfinished = -1

// idents maps what was written to memo numbers. It holds what it knows in memory, so that no place
// in memory can come to mean another value. The first few need no map.
type idents struct {
	few  [8]ident
	nums [8]int
	n    int
	more map[ident]int
}

func (t *idents) get(id ident) (num int, ok bool) {
	for i := range t.n {
		if t.few[i] == id {
			return t.nums[i], true
		}
	}
	if t.more == nil {
		return 0, false
	}
	num, ok = t.more[id]
	return num, ok
}

func (t *idents) set(id ident, num int) {
	for i := range t.n {
		if t.few[i] == id {
			t.nums[i] = num
			return
		}
	}
	if t.n < len(t.few) && t.more == nil {
		t.few[t.n], t.nums[t.n] = id, num
		t.n++
		return
	}
	if t.more == nil {
		t.more = make(map[ident]int)
	}
	t.more[id] = num
}

func (t *idents) reset() {
	clear(t.few[:])
	t.n, t.more = 0, nil
}
