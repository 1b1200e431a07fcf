package pickle

// Private doors for the tests of package pickle_test.
var (
	ParseInt         = parseInt
	ParseLong        = parseLong
	ParseLongBytes   = parseLongBytes
	AppendLongBytes  = appendLongBytes
	ParseFloat       = parseFloat
	AppendFloat      = appendFloat
	ParseRawUnicode  = parseRawUnicode
	AppendRawUnicode = appendRawUnicode
	ParseQuoted      = parseQuoted
	AppendQuoted     = appendQuoted
	ValidText        = validText
	FromPython2      = fromPython2
	ToPython2        = toPython2
)

// OpcodeNames returns the name of each byte in the table of opcodes, "" where there is none.
func OpcodeNames() (names [256]string) {
	for b, row := range ops {
		names[b] = row.name
	}
	return names
}

// ReadOps walks over a pickle with the reader and returns the offsets of its opcodes.
func ReadOps(code []byte) (offsets []int, err error) {
	r := newReader(code)
	for {
		op, arg, err := r.next()
		if err != nil {
			return offsets, err
		}
		if len(arg) > len(code) {
			panic("argument longer than the pickle")
		}
		offsets = append(offsets, r.at)
		if op == opStop {
			return offsets, nil
		}
	}
}
