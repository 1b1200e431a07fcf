package interop_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
)

// maker makes pickles that are good, nearly: most opcodes find on the stack what they take, their arguments are
// those that picklers write and some at the edge of that, and now and then something is cut, doubled or changed.
type maker struct {
	*rand.Rand
	b     []byte
	kinds []byte // of the values on the stack: see makes; '(' is a mark
	memo  int
}

// makes has opcodes that push a value, by its kind: v is hashable, l a list, d a dict, s a set, c a class, o an
// object, t a tuple, b what is none of these.
var makes = map[byte][]string{
	'v': {
		"N", "\x88", "\x89", "K\x07", "M\x01\x02", "J\xff\xff\xff\xff", "\x8a\x01\x80", "\x8b\x02\x00\x00\x00\x00\x01",
		"I5\n", "I01\n", "L5L\n", "F1.5\n", "G\x3f\xf8\x00\x00\x00\x00\x00\x00", "S'a'\n", "U\x01a", "T\x01\x00\x00\x00a",
		"Va\n", "X\x01\x00\x00\x00a", "\x8c\x01a", "\x8d\x01\x00\x00\x00\x00\x00\x00\x00a", "C\x01a", "B\x01\x00\x00\x00a",
		"\x8e\x01\x00\x00\x00\x00\x00\x00\x00a",
	},
	'l': {"]", "(l"}, 'd': {"}", "(d"}, 's': {"\x8f"}, 't': {")", "(t"}, 'c': {"czoo\nA\n", "\x8c\x03zoo\x8c\x01A\x93"},
	'o': {"czoo\nA\n)\x81", "czoo\nA\n)R", "(izoo\nA\n", "(czoo\nA\no"},
	'b': {"\x96\x01\x00\x00\x00\x00\x00\x00\x00a"},
}

// edges are opcodes with an argument that some unpickler does not take.
var edges = []string{
	"I1_0\n", "I 5 \n", "I0x1f\n", "I\n", "Ix\n", "L5\n", "L0L\n", "L5 L\n", "F 1\n", "F1e400\n", "Fnan\n", "Finf\n", "F\n",
	"S'a\n", "Sa\n", "S\"a\"\n", "S'\\x41\\t\\q'\n", "S'a' \n", "V\\u0041\n", "V\\u00\n", "V\xff\n", "X\x02\x00\x00\x00\xff\xfe",
	"X\x03\x00\x00\x00\xed\xa0\x80", "U\x01\xff", "Pid\n", "\x82\x01", "\x82\x00", "\x80\x02", "\x80\x04", "\x80\x09",
	"\x95\x00\x00\x00\x00\x00\x00\x00\x00", "\x95\x03\x00\x00\x00\x00\x00\x00\x00", "g0\n", "g5\n", "g 1\n", "h\x00", "h\x07",
	"j\x01\x00\x00\x00", "p7\n", "p-1\n", "p 8\n", "q\x05", "r\x06\x00\x00\x00", "c\nA\n", "czoo\n\n", "\x98", "\x97",
}

// pickle returns the next one.
func (m *maker) pickle() []byte {
	m.b, m.kinds, m.memo = nil, m.kinds[:0], 0
	if m.IntN(3) == 0 {
		m.b = append(m.b, 0x80, byte(m.IntN(6)))
	}
	for range 1 + m.IntN(12) {
		m.step()
	}
	for len(m.kinds) > 1 && m.IntN(8) > 0 {
		m.gather()
	}
	if len(m.kinds) == 0 {
		m.push('v')
	}
	m.b = append(m.b, '.')
	if m.IntN(4) == 0 {
		m.damage()
	}
	return m.b
}

func (m *maker) pick(list []string) string { return list[m.IntN(len(list))] }

func (m *maker) push(kind byte) {
	m.b = append(m.b, m.pick(makes[kind])...)
	m.kinds = append(m.kinds, kind)
}

func (m *maker) step() {
	switch m.IntN(12) {
	case 0:
		m.b = append(m.b, m.pick(edges)...)
		m.kinds = append(m.kinds, 'v') // perhaps
	case 1:
		m.b = append(m.b, '(')
		m.kinds = append(m.kinds, '(')
	case 2:
		m.write()
	case 3, 4, 5:
		m.gather()
	case 6:
		m.b = append(m.b, m.opcode())
	default:
		m.push("vvvvldstcob"[m.IntN(11)])
	}
}

// opcode returns one that takes no argument, whatever it finds.
func (m *maker) opcode() byte {
	for {
		op := byte(m.IntN(256))
		if bytes.IndexByte([]byte("NR0123abdelost()]}u\x81\x85\x86\x87\x88\x8f\x90\x91\x92\x93\x94\x98Q"), op) >= 0 {
			return op
		}
	}
}

// write puts the top into the memo, and perhaps fetches something.
func (m *maker) write() {
	if len(m.kinds) == 0 || m.kinds[len(m.kinds)-1] == '(' {
		return
	}
	m.b = append(m.b, 'q', byte(m.memo))
	m.memo++
	if m.IntN(2) == 0 {
		m.b = append(m.b, 'h', byte(m.IntN(m.memo)))
		m.kinds = append(m.kinds, 'v')
	}
}

// gather puts what is on top together in a way in which its kinds fit.
func (m *maker) gather() {
	at := bytes.LastIndexByte(m.kinds, '(')
	n := len(m.kinds)
	switch {
	case at >= 0 && (m.IntN(2) == 0 || n-at < 3):
		m.gatherMarked(at)
	case n-at > 3 && m.kinds[n-3] == 'd':
		m.apply(3, "s", 'd')
	case n-at > 2 && m.kinds[n-2] == 'l':
		m.apply(2, "a", 'l')
	case n-at > 2 && m.kinds[n-2] == 'c':
		m.apply(1, "0)\x81", 'o')
	case n-at > 2 && m.kinds[n-2] == 'o':
		m.apply(2, m.pick([]string{"b", "a"}), 'o')
	case n-at > 3:
		m.apply(3, "\x87", 't')
	case n-at > 2:
		m.apply(2, m.pick([]string{"\x86", "0"}), 't')
	case n-at > 1:
		m.apply(1, "\x85", 't')
	}
}

func (m *maker) gatherMarked(at int) {
	below := byte(' ')
	if at > 0 {
		below = m.kinds[at-1]
	}
	switch even := (len(m.kinds)-at)%2 == 1; {
	case below == 'l' || below == 'o':
		m.b = append(m.b, 'e')
		m.kinds = m.kinds[:at]
		return
	case below == 'd' && even:
		m.b = append(m.b, 'u')
		m.kinds = m.kinds[:at]
		return
	case below == 's':
		m.b = append(m.b, 0x90)
		m.kinds = m.kinds[:at]
		return
	}
	m.apply(len(m.kinds)-at, m.pick([]string{"l", "t", "\x91", "1N"}), 't')
}

func (m *maker) apply(n int, op string, kind byte) {
	m.b = append(m.b, op...)
	m.kinds = append(m.kinds[:len(m.kinds)-n], kind)
}

// damage changes something somewhere.
func (m *maker) damage() {
	at := m.IntN(len(m.b))
	switch m.IntN(5) {
	case 0:
		m.b[at] = byte(m.IntN(256))
	case 1:
		m.b = slices.Delete(m.b, at, at+1)
	case 2:
		m.b = slices.Insert(m.b, at, []byte(m.pick(edges))...)
	case 3:
		m.b = m.b[:at]
	case 4:
		frame := binary.LittleEndian.AppendUint64([]byte{0x95}, uint64(m.IntN(len(m.b)-at+2)))
		m.b = slices.Insert(m.b, at, frame...)
	}
}
