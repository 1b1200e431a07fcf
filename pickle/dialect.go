package pickle

// Dialect says what a peer can read. It is learnt from what the peer sends, since nothing in
// multiprocessing negotiates it.
type Dialect struct {
	// Protocol is the pickle protocol that the peer writes: 2 to 5. Zero means the highest.
	Protocol int
	// NativeBytes says that the peer's native string is a byte string (Python 2).
	NativeBytes bool
}

// Each CPython 3 reads one protocol above its default until both are the highest:
// pickle.DEFAULT_PROTOCOL and pickle.HIGHEST_PROTOCOL are 3 and 4, then 4 and 5, then 5 and 5.
const oldestPython3Reads = 4

// reads returns the highest protocol that a peer of this dialect can load.
func (d Dialect) reads() int {
	switch {
	case d.NativeBytes:
		return 2
	case d.Protocol == 0 || d.Protocol > HighestProtocol-1:
		return HighestProtocol
	case d.Protocol == HighestProtocol-1:
		return HighestProtocol
	default:
		return oldestPython3Reads
	}
}

// options returns how to pickle for a peer of this dialect.
func (d Dialect) options() *EncodeOptions {
	return &EncodeOptions{Protocol: d.reads(), NativeBytes: d.NativeBytes}
}

// Options returns how to pickle a value for a peer of this dialect.
func (d Dialect) Options() *EncodeOptions { return d.options() }

// Rewritten returns r as a peer of dialect d can load it: r itself, or, where r needs a newer protocol or
// spells names and strings in another Python's way, or names an exception that not every Python
// can load as it is, r rewritten. Nothing is executed: rewriting goes
// through the lossless graph, within the limits of r's options: see WithOptions and Metered.
func (r Raw) Rewritten(d Dialect) (Raw, error) { return r.within(d, nil) }

// within is Rewritten, drawing on m if there is one.
func (r Raw) within(d Dialect, m Meter) (Raw, error) {
	if r.code == nil {
		return r, nil
	}
	differs := r.differs()
	if differs == unlikeDill {
		if plain, err := r.rewritten(d, m); err == nil {
			return plain, nil
		}
		differs = unlikeNever // readers with dill load it as it is
	}
	if r.proto <= 2 {
		if d.NativeBytes || differs == unlikeNever && !r.inspect().wideStrings {
			return r, nil
		}
		return r.rewritten(d, m)
	}
	if d.NativeBytes {
		if in := r.inspect(); in.need <= 2 && !in.names && !in.text8 {
			r.proto = 2
			return r, nil
		}
		return r.rewritten(d, m)
	}
	if differs == unlikeNever && (int(r.proto) <= d.reads() || r.inspect().need <= d.reads()) {
		return r, nil
	}
	return r.rewritten(d, m)
}

// spelled returns r with its names in the spelling of the stream that dialect d is written in.
func (r Raw) spelled(d Dialect, m Meter) (Raw, error) {
	if r.code == nil || (r.proto <= 2) == (d.reads() <= 2) || !r.inspect().names {
		return r, nil
	}
	return r.rewritten(d, m)
}

// rewritten decodes r into the lossless graph and pickles that for d. Both draw on m, or else on the Meter of
// r's options.
func (r Raw) rewritten(d Dialect, m Meter) (Raw, error) {
	opts := r.Metered(m).opts
	var v any
	if err := opts.Unmarshal(r.Bytes(), &v); err != nil {
		return r, err
	}
	o := d.options()
	o.Meter = opts.meter()
	out, err := NewRaw(v, o)
	return out.WithOptions(r.opts), err
}

// traits are what deciding about a rewrite takes.
type traits struct {
	need        int  // the highest protocol among the opcodes
	names       bool // GLOBAL, STACK_GLOBAL or INST: spelling depends on the protocol
	text8       bool // byte strings of Python 2 that a Python 3 reads as text
	wideStrings bool // of those, one that is not ASCII: Python 3 cannot read it
}

// inspect looks at each opcode of r once.
func (r Raw) inspect() (t traits) {
	code := r.ops()
	for pos := 0; pos < len(code); {
		op := Op(code[pos])
		end, err := argEnd(code, pos+1, steps[op].arg)
		if err != nil {
			return t // cannot be: the extraction went over the same bytes
		}
		switch op {
		case opGlobal, opStackGlobal, opInst, opExt1, opExt2, opExt4:
			t.names = true
		case opShortBinString, opBinString, opString:
			t.text8 = true
			t.wideStrings = t.wideStrings || !isASCII(code[pos+1:end], op)
		}
		if op != opFrame {
			t.need = max(t.need, int(ops[op].since))
		}
		pos = end
	}
	return t
}

// isASCII tells whether the text of a byte string opcode is ASCII. Escapes of the protocol 0 form are
// taken for something else.
func isASCII(arg []byte, op Op) bool {
	switch op {
	case opShortBinString:
		arg = arg[1:]
	case opBinString:
		arg = arg[4:]
	}
	for _, b := range arg {
		if b >= 0x80 || op == opString && b == '\\' {
			return false
		}
	}
	return true
}

// Text returns s as a string that is native to who reads it: to Python 2, str is bytes.
func (d Dialect) Text(s string) any {
	if d.NativeBytes {
		return ByteString(s)
	}
	return s
}
