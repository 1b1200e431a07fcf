package pickle

// Span returns the length of the pickle that data begins with, from its first opcode to STOP, whatever the opcodes
// between do; 0 where there is no STOP, or what is no opcode before it.
func Span(data []byte) int {
	r := newReader(data)
	r.lenient = true
	for {
		op, _, err := r.next()
		if err != nil || ops[op].name == "" {
			return 0
		}
		if op == opStop {
			return r.pos
		}
	}
}
