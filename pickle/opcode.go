package pickle

// Op is one pickle opcode: the byte that stands in the stream.
//
// Source: Lib/pickle.py and Lib/pickletools.py of CPython 3.15 (names, protocols, stack effects).
type Op byte

// The opcodes of protocols 0 to 5, in the order in which Lib/pickletools.py groups them.
const (
	opInt             Op = 'I'
	opBinInt          Op = 'J'
	opBinInt1         Op = 'K'
	opBinInt2         Op = 'M'
	opLong            Op = 'L'
	opLong1           Op = 0x8a
	opLong4           Op = 0x8b
	opString          Op = 'S'
	opBinString       Op = 'T'
	opShortBinString  Op = 'U'
	opBinBytes        Op = 'B'
	opShortBinBytes   Op = 'C'
	opBinBytes8       Op = 0x8e
	opByteArray8      Op = 0x96
	opNextBuffer      Op = 0x97
	opReadOnlyBuffer  Op = 0x98
	opNone            Op = 'N'
	opNewTrue         Op = 0x88
	opNewFalse        Op = 0x89
	opUnicode         Op = 'V'
	opShortBinUnicode Op = 0x8c
	opBinUnicode      Op = 'X'
	opBinUnicode8     Op = 0x8d
	opFloat           Op = 'F'
	opBinFloat        Op = 'G'
	opEmptyList       Op = ']'
	opAppend          Op = 'a'
	opAppends         Op = 'e'
	opList            Op = 'l'
	opEmptyTuple      Op = ')'
	opTuple           Op = 't'
	opTuple1          Op = 0x85
	opTuple2          Op = 0x86
	opTuple3          Op = 0x87
	opEmptyDict       Op = '}'
	opDict            Op = 'd'
	opSetItem         Op = 's'
	opSetItems        Op = 'u'
	opEmptySet        Op = 0x8f
	opAddItems        Op = 0x90
	opFrozenSet       Op = 0x91
	opPop             Op = '0'
	opDup             Op = '2'
	opMark            Op = '('
	opPopMark         Op = '1'
	opGet             Op = 'g'
	opBinGet          Op = 'h'
	opLongBinGet      Op = 'j'
	opPut             Op = 'p'
	opBinPut          Op = 'q'
	opLongBinPut      Op = 'r'
	opMemoize         Op = 0x94
	opExt1            Op = 0x82
	opExt2            Op = 0x83
	opExt4            Op = 0x84
	opGlobal          Op = 'c'
	opStackGlobal     Op = 0x93
	opReduce          Op = 'R'
	opBuild           Op = 'b'
	opInst            Op = 'i'
	opObj             Op = 'o'
	opNewObj          Op = 0x81
	opNewObjEx        Op = 0x92
	opProto           Op = 0x80
	opStop            Op = '.'
	opFrame           Op = 0x95
	opPersID          Op = 'P'
	opBinPersID       Op = 'Q'
)

// argKind says what follows the opcode's byte in the stream.
type argKind uint8

const (
	argNone     argKind = iota
	argUint1            // one byte
	argUint2            // two bytes, little-endian
	argInt4             // four bytes, little-endian, signed
	argUint4            // four bytes, little-endian
	argUint8            // eight bytes, little-endian (FRAME: the length alone, its bytes are opcodes)
	argFloat8           // eight bytes, big-endian IEEE 754
	argLine             // text up to and without '\n'
	argTwoLines         // two such texts
	argBytes1           // a length of one byte, then that many bytes
	argBytes4           // a length of four bytes, unsigned
	argBytes4s          // a length of four bytes, signed: a negative one is an error (LONG4, BINSTRING)
	argBytes8           // a length of eight bytes
	argKinds            // how many kinds there are
)

// effect says what an opcode does to the stack besides the pops and pushes that are counted.
type effect uint8

const (
	effPlain   effect = iota // takes pops values, leaves pushes values
	effMark                  // opens a mark
	effToMark                // takes everything above the mark, and the mark; then as effPlain
	effPop                   // POP: a value, or, directly above a mark, the mark
	effMemoPut               // writes the top of the stack into the memo
	effMemoGet               // pushes a value out of the memo
	effStop                  // ends the pickle
	effHeader                // PROTO and FRAME: nothing
)

// opInfo is one row of the opcode table.
type opInfo struct {
	name   string
	since  uint8 // the lowest protocol whose pickler writes it
	arg    argKind
	effect effect
	pops   uint8 // values taken, below the mark where there is one
	pushes uint8
}

// ops is the one table of opcodes: the scanner, the machine, the encoder, the disassembler and the
// fuzz seeds are driven by it. A row without a name is not an opcode.
var ops = [256]opInfo{
	opInt:             {"INT", 0, argLine, effPlain, 0, 1},
	opBinInt:          {"BININT", 1, argInt4, effPlain, 0, 1},
	opBinInt1:         {"BININT1", 1, argUint1, effPlain, 0, 1},
	opBinInt2:         {"BININT2", 1, argUint2, effPlain, 0, 1},
	opLong:            {"LONG", 0, argLine, effPlain, 0, 1},
	opLong1:           {"LONG1", 2, argBytes1, effPlain, 0, 1},
	opLong4:           {"LONG4", 2, argBytes4s, effPlain, 0, 1},
	opString:          {"STRING", 0, argLine, effPlain, 0, 1},
	opBinString:       {"BINSTRING", 1, argBytes4s, effPlain, 0, 1},
	opShortBinString:  {"SHORT_BINSTRING", 1, argBytes1, effPlain, 0, 1},
	opBinBytes:        {"BINBYTES", 3, argBytes4, effPlain, 0, 1},
	opShortBinBytes:   {"SHORT_BINBYTES", 3, argBytes1, effPlain, 0, 1},
	opBinBytes8:       {"BINBYTES8", 4, argBytes8, effPlain, 0, 1},
	opByteArray8:      {"BYTEARRAY8", 5, argBytes8, effPlain, 0, 1},
	opNextBuffer:      {"NEXT_BUFFER", 5, argNone, effPlain, 0, 1},
	opReadOnlyBuffer:  {"READONLY_BUFFER", 5, argNone, effPlain, 1, 1},
	opNone:            {"NONE", 0, argNone, effPlain, 0, 1},
	opNewTrue:         {"NEWTRUE", 2, argNone, effPlain, 0, 1},
	opNewFalse:        {"NEWFALSE", 2, argNone, effPlain, 0, 1},
	opUnicode:         {"UNICODE", 0, argLine, effPlain, 0, 1},
	opShortBinUnicode: {"SHORT_BINUNICODE", 4, argBytes1, effPlain, 0, 1},
	opBinUnicode:      {"BINUNICODE", 1, argBytes4, effPlain, 0, 1},
	opBinUnicode8:     {"BINUNICODE8", 4, argBytes8, effPlain, 0, 1},
	opFloat:           {"FLOAT", 0, argLine, effPlain, 0, 1},
	opBinFloat:        {"BINFLOAT", 1, argFloat8, effPlain, 0, 1},
	opEmptyList:       {"EMPTY_LIST", 1, argNone, effPlain, 0, 1},
	opAppend:          {"APPEND", 0, argNone, effPlain, 2, 1},
	opAppends:         {"APPENDS", 1, argNone, effToMark, 1, 1},
	opList:            {"LIST", 0, argNone, effToMark, 0, 1},
	opEmptyTuple:      {"EMPTY_TUPLE", 1, argNone, effPlain, 0, 1},
	opTuple:           {"TUPLE", 0, argNone, effToMark, 0, 1},
	opTuple1:          {"TUPLE1", 2, argNone, effPlain, 1, 1},
	opTuple2:          {"TUPLE2", 2, argNone, effPlain, 2, 1},
	opTuple3:          {"TUPLE3", 2, argNone, effPlain, 3, 1},
	opEmptyDict:       {"EMPTY_DICT", 1, argNone, effPlain, 0, 1},
	opDict:            {"DICT", 0, argNone, effToMark, 0, 1},
	opSetItem:         {"SETITEM", 0, argNone, effPlain, 3, 1},
	opSetItems:        {"SETITEMS", 1, argNone, effToMark, 1, 1},
	opEmptySet:        {"EMPTY_SET", 4, argNone, effPlain, 0, 1},
	opAddItems:        {"ADDITEMS", 4, argNone, effToMark, 1, 1},
	opFrozenSet:       {"FROZENSET", 4, argNone, effToMark, 0, 1},
	opPop:             {"POP", 0, argNone, effPop, 1, 0},
	opDup:             {"DUP", 0, argNone, effPlain, 1, 2},
	opMark:            {"MARK", 0, argNone, effMark, 0, 0},
	opPopMark:         {"POP_MARK", 1, argNone, effToMark, 0, 0},
	opGet:             {"GET", 0, argLine, effMemoGet, 0, 1},
	opBinGet:          {"BINGET", 1, argUint1, effMemoGet, 0, 1},
	opLongBinGet:      {"LONG_BINGET", 1, argUint4, effMemoGet, 0, 1},
	opPut:             {"PUT", 0, argLine, effMemoPut, 1, 1},
	opBinPut:          {"BINPUT", 1, argUint1, effMemoPut, 1, 1},
	opLongBinPut:      {"LONG_BINPUT", 1, argUint4, effMemoPut, 1, 1},
	opMemoize:         {"MEMOIZE", 4, argNone, effMemoPut, 1, 1},
	opExt1:            {"EXT1", 2, argUint1, effPlain, 0, 1},
	opExt2:            {"EXT2", 2, argUint2, effPlain, 0, 1},
	opExt4:            {"EXT4", 2, argInt4, effPlain, 0, 1},
	opGlobal:          {"GLOBAL", 0, argTwoLines, effPlain, 0, 1},
	opStackGlobal:     {"STACK_GLOBAL", 4, argNone, effPlain, 2, 1},
	opReduce:          {"REDUCE", 0, argNone, effPlain, 2, 1},
	opBuild:           {"BUILD", 0, argNone, effPlain, 2, 1},
	opInst:            {"INST", 0, argTwoLines, effToMark, 0, 1},
	opObj:             {"OBJ", 1, argNone, effToMark, 0, 1},
	opNewObj:          {"NEWOBJ", 2, argNone, effPlain, 2, 1},
	opNewObjEx:        {"NEWOBJ_EX", 4, argNone, effPlain, 3, 1},
	opProto:           {"PROTO", 2, argUint1, effHeader, 0, 0},
	opStop:            {"STOP", 0, argNone, effStop, 1, 0},
	opFrame:           {"FRAME", 4, argUint8, effHeader, 0, 0},
	opPersID:          {"PERSID", 0, argLine, effPlain, 0, 1},
	opBinPersID:       {"BINPERSID", 1, argNone, effPlain, 1, 1},
}

// String returns the opcode's name as Lib/pickletools.py gives it, or its byte where it has none.
func (op Op) String() string {
	if n := ops[op].name; n != "" {
		return n
	}
	const hex = "0123456789abcdef"
	return "opcode 0x" + string([]byte{hex[op>>4], hex[op&15]})
}

// HighestProtocol is the newest pickle protocol, the one that CPython 3.14 writes by default.
const HighestProtocol = 5
