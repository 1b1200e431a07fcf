package pickle

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"mpbridge/internal/printable"
)

// Disassemble writes a listing of the pickle in data to w: for each opcode its offset, byte, name
// and argument, indented by the marks that are open, in the form of Python's pickletools.dis. Long
// arguments are truncated. Nothing is built, so that a pickle which is too large to decode can be listed. What is wrong
// with frames is noted in the line, for some Pythons take no notice of them. The error is a *SyntaxError for bytes
// that are no pickle, after the listing of what comes before them, or what w returned.
func Disassemble(w io.Writer, data []byte) error {
	out := bufio.NewWriter(w)
	l := lister{reader: newReader(data), w: out}
	l.lenient = true
	err := l.list()
	if flushErr := out.Flush(); flushErr != nil {
		return flushErr
	}
	return err
}

// lister follows the height of the stack and the marks, as much as the listing shows of them.
type lister struct {
	reader
	w       *bufio.Writer
	height  int
	marks   []mark
	memo    int
	highest uint8
}

func (l *lister) list() error {
	for {
		op, arg, err := l.next()
		if err != nil {
			return err
		}
		if ops[op].name == "" {
			return l.fail(errUnknownOp)
		}
		l.highest = max(l.highest, ops[op].since)
		indent := min(len(l.marks), maxIndent)
		note, err := l.follow(op)
		if l.fault != nil {
			note = strings.TrimPrefix(note+" <"+l.fault.Error()+">", " ")
		}
		l.line(op, arg, indent, note)
		if err != nil {
			return l.fail(err)
		}
		if op == opStop {
			break
		}
	}
	if l.height != 0 {
		fmt.Fprintf(l.w, "left on the stack below the value: %d\n", l.height)
	}
	_, err := fmt.Fprintf(l.w, "highest protocol among opcodes = %d\n", l.highest)
	return err
}

// maxIndent bounds the indentation: a pickle of marks alone would make a listing of the square of
// its size.
const maxIndent = 64

// maxListed is how much of an argument is shown.
const maxListed = 400

func (l *lister) line(op Op, arg []byte, indent int, note string) {
	name := op.String()
	fmt.Fprintf(l.w, "%5d: %-4s %s%s", l.at, opByte(op), strings.Repeat("    ", indent), name)
	text := l.argument(op, arg)
	if text != "" || note != "" {
		l.w.WriteString(strings.Repeat(" ", max(0, 10-len(name))))
	}
	for _, s := range []string{text, note} {
		if s != "" {
			l.w.WriteString(" " + s)
		}
	}
	l.w.WriteByte('\n')
}

// opByte shows the byte of an opcode as Python does.
func opByte(op Op) string {
	if op < 0x80 {
		return string(rune(op))
	}
	return string(appendHex([]byte(`\x`), rune(op), 2))
}

// argument shows an opcode's argument.
func (l *lister) argument(op Op, arg []byte) string {
	switch ops[op].arg {
	case argNone:
		return ""
	case argUint1:
		return strconv.Itoa(int(arg[0]))
	case argUint2:
		return strconv.Itoa(int(binary.LittleEndian.Uint16(arg)))
	case argInt4:
		return strconv.Itoa(int(int32(binary.LittleEndian.Uint32(arg))))
	case argUint4:
		return strconv.FormatUint(uint64(binary.LittleEndian.Uint32(arg)), 10)
	case argUint8:
		return strconv.FormatUint(binary.LittleEndian.Uint64(arg), 10)
	case argFloat8:
		return listed(math.Float64frombits(binary.BigEndian.Uint64(arg)))
	}
	return lineArgument(op, arg)
}

// lineArgument shows arguments of any length.
func lineArgument(op Op, arg []byte) string {
	var v any
	var err error
	switch op {
	case opInt:
		v, err = parseInt(arg, FloorMaxDigits)
	case opLong:
		v, err = parseLong(arg, FloorMaxDigits)
	case opFloat:
		v, err = parseFloat(arg)
	case opGet, opPut:
		return listedText(arg)
	case opLong1, opLong4:
		v = parseLongBytes(arg[:min(len(arg), FloorMaxDigits)])
		if len(arg) > FloorMaxDigits {
			return fmt.Sprintf("<int of %d bytes>", len(arg))
		}
	case opString:
		var s string
		s, err = parseQuoted(arg)
		v = ByteString(s)
	case opUnicode:
		v, err = parseRawUnicode(arg)
	case opBinString, opShortBinString:
		v = ByteString(arg[:min(len(arg), 2*maxListed)])
	case opBinBytes, opShortBinBytes, opBinBytes8:
		v = arg
	case opByteArray8:
		v = &ByteArray{arg}
	case opGlobal, opInst:
		v = strings.Replace(string(arg[:min(len(arg), 2*maxListed)]), "\n", " ", 1)
	default:
		v = string(arg[:min(len(arg), 2*maxListed)])
	}
	if err != nil {
		return "<" + printable.Line(err.Error(), maxListed) + ">"
	}
	return listed(v)
}

func listed(v any) string { return (&shower{limit: maxListed}).text(v) }

func listedText(arg []byte) string {
	return printable.Line(string(arg[:min(len(arg), maxListed)]), maxListed)
}

// follow does to the stack's height what the opcode does, and returns the note that the listing
// makes of it.
func (l *lister) follow(op Op) (note string, err error) {
	row := &ops[op]
	switch row.effect {
	case effMark:
		l.marks = append(l.marks, mark{place: place{off: l.at}, height: l.height})
		return "", nil
	case effToMark:
		return l.toMark(int(row.pops), int(row.pushes))
	case effPop:
		if n := len(l.marks); n > 0 && l.marks[n-1].height == l.height {
			return l.toMark(0, 0)
		}
	case effMemoPut:
		l.memo++
		if op == opMemoize {
			note = fmt.Sprintf("(as %d)", l.memo-1)
		}
	}
	low := l.height - int(row.pops)
	if n := len(l.marks); low < 0 || n > 0 && low < l.marks[n-1].height {
		return note, errUnderflow
	}
	l.height = low + int(row.pushes)
	return note, nil
}

func (l *lister) toMark(pops, pushes int) (note string, err error) {
	n := len(l.marks)
	if n == 0 {
		return "", errNoMark
	}
	m := l.marks[n-1]
	l.marks = l.marks[:n-1]
	note = fmt.Sprintf("(MARK at %d)", m.off)
	low := m.height - pops
	if low < 0 || n > 1 && low < l.marks[n-2].height {
		return note, errUnderflow
	}
	l.height = low + pushes
	return note, nil
}
