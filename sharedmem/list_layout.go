package sharedmem

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
)

// Layout is how a ShareableList keeps where its items are. Pythons of one layout cannot read lists of the other.
type Layout uint8

// The layouts of lists, in words of 64 bits.
const (
	LayoutOffsets Layout = iota // Python 3.9 and later: where each item begins, and where the last one ends
	LayoutSizes                 // Python 3.8: how much room each item has
)

// listLayout says where in a segment what is:
//
//	number of items            one word
//	offsets or sizes           a word for each item, and one more for offsets
//	items                      each in a slot of its own, a multiple of 8 bytes
//	formats                    8 bytes for each item, as module struct has it
//	codes                      a byte for each item: what the format cannot say
//
// All words are in the machine's byte order. Source: ShareableList in Lib/multiprocessing/shared_memory.py.
type listLayout struct {
	kind   Layout
	slots  []int // where each begins, and the end of the last; from the start of the segment
	codes  int   // where the codes begin
	length int   // of the whole
}

const (
	word       = 8
	formatSize = 8
)

func (l *listLayout) items() int { return len(l.slots) - 1 }

func (l *listLayout) formats() int { return l.slots[l.items()] }

// perItem is what an item takes beside its slot: a word, a format and a code.
const perItem = word + formatSize + 1

// head is where the slots of n items begin.
func (k Layout) head(n int) int {
	if k == LayoutSizes {
		return word * (n + 1)
	}
	return word * (n + 2)
}

// newListLayout lays out slots of these sizes.
func newListLayout(kind Layout, sizes []int) *listLayout {
	at := kind.head(len(sizes))
	l := &listLayout{kind: kind, slots: append(make([]int, 0, len(sizes)+1), at)}
	for _, size := range sizes {
		at += size
		l.slots = append(l.slots, at)
	}
	l.finish()
	return l
}

// finish says where what is behind the slots is.
func (l *listLayout) finish() {
	l.codes = l.formats() + formatSize*l.items()
	l.length = l.codes + l.items()
}

// write writes the part in front of the slots.
func (l *listLayout) write(mem []byte) {
	n := l.items()
	putWord(mem, 0, n)
	for i := range l.slots[:n] {
		if l.kind == LayoutSizes {
			putWord(mem, 1+i, l.slots[i+1]-l.slots[i])
		} else {
			putWord(mem, 1+i, l.slots[i]-l.slots[0])
		}
	}
	if l.kind == LayoutOffsets {
		putWord(mem, 1+n, l.slots[n]-l.slots[0])
	}
}

// parseListLayout reads what write wrote. It takes memory in proportion to what is there, whatever that says.
func parseListLayout(mem []byte) (*listLayout, error) {
	if len(mem) < word {
		return nil, &FormatError{0, fmt.Sprintf("want 8 bytes or more, have %d", len(mem))}
	}
	n64 := int64(binary.NativeEndian.Uint64(mem))
	most := (len(mem) - word) / perItem
	if n64 < 0 || n64 > int64(most) {
		return nil, &FormatError{0, fmt.Sprintf("%d items: %d bytes hold %d at most", n64, len(mem), most)}
	}
	n := int(n64)
	kind := LayoutOffsets // the first offset is 0, and no size is
	if n > 0 && binary.NativeEndian.Uint64(mem[word:]) != 0 || n == 0 && len(mem) < 2*word {
		kind = LayoutSizes
	}
	l := &listLayout{kind: kind, slots: append(make([]int, 0, n+1), kind.head(n))}
	room := len(mem) - kind.head(n) - (formatSize+1)*n
	if err := l.parseSlots(mem, n, room); err != nil {
		return nil, err
	}
	l.finish()
	return l, nil
}

// parseSlots reads where n slots are, which have so much room together.
func (l *listLayout) parseSlots(mem []byte, n, room int) error {
	first, end := l.slots[0], 0
	for i := range n {
		next := int64(end)
		at := (1 + i) * word
		if l.kind == LayoutOffsets {
			at += word
			next = 0
		}
		got := int64(binary.NativeEndian.Uint64(mem[at:]))
		if got < 0 || got > int64(room) || next+got < int64(end) || next+got > int64(room) {
			return &FormatError{at, fmt.Sprintf("the end of item %d: %d, want %d to %d", i, got, end, room)}
		}
		end = int(next + got)
		l.slots = append(l.slots, first+end)
	}
	return nil
}

func putWord(mem []byte, i, v int) { binary.NativeEndian.PutUint64(mem[word*i:], uint64(v)) }

// slot is the bytes of an item.
func (l *listLayout) slot(mem []byte, i int) []byte { return mem[l.slots[i]:l.slots[i+1]:l.slots[i+1]] }

// format is what module struct is told of an item.
func (l *listLayout) format(mem []byte, i int) string {
	return trimmed(mem[l.formats()+formatSize*i:][:formatSize])
}

func (l *listLayout) setFormat(mem []byte, i int, format string, code byte) {
	at := mem[l.formats()+formatSize*i:][:formatSize]
	clear(at[copy(at, format):])
	mem[l.codes+i] = code
}

// trimmed is b without the zero bytes at its end.
func trimmed(b []byte) string {
	end := len(b)
	for end > 0 && b[end-1] == 0 {
		end--
	}
	return string(b[:end])
}

// textFormat is the format of so many bytes; ok is false where it has no room for the number.
func textFormat(size int) (format string, ok bool) {
	format = strconv.Itoa(size) + "s"
	return format, len(format) <= formatSize
}

// textLength is the number of bytes that a format of text says, or false for another format.
func textLength(format string) (int, bool) {
	digits := len(format) - 1
	if digits < 1 || format[digits] != 's' || slices.ContainsFunc([]byte(format[:digits]), notDigit) {
		return 0, false
	}
	n, err := strconv.Atoi(format[:digits])
	return n, err == nil
}

func notDigit(c byte) bool { return c < '0' || c > '9' }
