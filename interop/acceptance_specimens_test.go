package interop_test

import "encoding/binary"

// specimens are pickles that one opcode makes good or bad.
func specimens() [][]byte {
	var out [][]byte
	for _, list := range [][]string{
		specimenMemos, specimenStates, specimenStrings, specimenNumbers, specimenNames, specimenStacks, specimenContainers,
	} {
		for _, s := range list {
			out = append(out, []byte(s))
		}
	}
	return append(out, framedSpecimens()...)
}

var specimenMemos = []string{
	"Np1000000000000\n.", "Np99999\ng99999\n.", "Np 5 \ng5\n.", "Np1_0\ng10\n.", "Npx\ngx\n.", "Np-1\n.", "Np+1\ng1\n.",
	"Np\n.", "Np0x1\n.", "Np18446744073709551616\n.", "Np01\ng1\n.", "g0\n.", "h\x00.", "j\x00\x00\x00\x00.", "p0\n.",
	"(p0\n.", "N(p0\n.", "N(q\x00.", "N(\x94.", "\x94.", "q\x00.", "N\x940h\x00.", "Nq\x05\x940h\x01.",
	"Nq\x05\x940h\x06.", "Nq\x00q\x00\x940h\x01.", "Nq\x00q\x00\x940h\x02.", "Np99999\n0Np99999\n\x940h\x01.",
}

var specimenStates = []string{
	"}N(0b.", "NNb.", "]Nb.", "]}b.", "]NN\x86b.", "]N}\x86b.", "]K\x01b.", "N}b.", "(N\x86K\x01\x86b.",
	"czoo\nPlain\n)\x81K\x01b.", "czoo\nPlain\n)\x81Nb.", "czoo\nPlain\n)\x81}b.", "czoo\nPlain\n)\x81NN\x86b.",
	"czoo\nPlain\n)\x81N}\x86b.", "czoo\nPlain\n)\x81}}\x86b.", "czoo\nPlain\n)\x81]}\x86b.",
	"czoo\nPlain\nNb.", "czoo\nPlain\n}b.", "czoo\nPlain\n}K\x01K\x01sb.", "czoo\nPlain\n)\x81}K\x01K\x01sb.",
	"c__builtin__\nValueError\n)RK\x01b.", "c__builtin__\nValueError\n)RNb.", "c__builtin__\nValueError\n)R}b.",
	"c__builtin__\nValueError\n)RN}\x86b.", "c__builtin__\nobject\n)\x81}b.", "c__builtin__\nobject\n)\x81Nb.",
	"c__builtin__\nlist\n)\x81K\x01b.", "c__builtin__\nlist\n)\x81}b.", "c__builtin__\nlist\n)\x81N}\x86b.",
	"N)\x81.", "c__builtin__\nlen\n)\x81.", "c__builtin__\nlen\n)}\x92.", "czoo\nA\nN\x81.", "czoo\nA\n]\x81.",
	"czoo\nA\n)}\x92.", "czoo\nA\n)N\x92.", "czoo\nA\n}}\x92.", "czoo\nA\n)}K\x01K\x02s\x92.",
	"czoo\nA\n)}\x8c\x01kK\x02s\x92.", "czoo\nA\n)R)\x81.", "K\x01)R.", "czoo\nA\nNR.", "czoo\nA\n]R.",
	"czoo\nA\n)R0N.", "czoo\nA\n)\x81NbNb.", "czoo\nA\n)\x81NbNa.", "czoo\nA\nNa.", "czoo\nA\nNNs.",
}

var specimenStrings = []string{
	"S'a\n.", "Sa\n.", "S'a\"\n.", "S'a' \n.", "S 'a'\n.", "S'\n.", "S''\n.", "S\"a'\n.", "S'a'b'\n.", "S'a\\'\n.",
	"S'\\x1'\n.", "S'\\xzz'\n.", "S'\\q'\n.", "S'a'\r\n.", "S'\xff'\n.", "S'\\777'\n.", "S\n.", "S'\\400'\n.",
	"S'\x00'\n.", "S'a''\n.", "V\\u12\n.", "V\\U00110000\n.", "V\\ud800\n.", "V\\\n.", "V\xff\n.", "V\\x\n.",
	"V\\N{DASH}\n.", "V\\\\u12\n.", "V\\\\\\u12\n.", "V\x00\n.", "V\n.", "X\x01\x00\x00\x00\xff.",
	"X\x03\x00\x00\x00\xed\xa0\x80.", "\x8c\x01\xff.", "X\x04\x00\x00\x00\xf5\x80\x80\x80.", "X\x02\x00\x00\x00\xc0\x80.",
	"T\xff\xff\xff\xff.", "U\x01\xff.", "C\x01a\x98.", "\x96\x00\x00\x00\x00\x00\x00\x00\x00\x98.", "N\x98.", "\x97.",
}

var specimenNumbers = []string{
	"I0x10\n.", "I010\n.", "I09\n.", "I1_0\n.", "I 5\n.", "I5 \n.", "I\n.", "I00\n.", "I01\n.", "I001\n.", "I+5\n.",
	"I5L\n.", "I0b1\n.", "I0o7\n.", "I99999999999999999999\n.", "I1 2\n.", "I-5\n.", "I--5\n.", "I5\r\n.", "I01\r\n.",
	"I00 \n.", "I5\x00\n.", "I0X1f\n.", "I-0x10\n.", "I0x_1\n.", "I1__0\n.", "I_1\n.", "I1_\n.", "I0x\n.", "I-\n.",
	"I+-5\n.", "L0x10L\n.", "L010\n.", "L5LL\n.", "LL\n.", "L\n.", "L 5L\n.", "L5L \n.", "L1_0L\n.", "L5 L\n.",
	"L00\n.", "L5l\n.", "L0L\n.", "L+5L\n.", "L09\n.", "L99999999999999999999L\n.", "L- 5L\n.",
	"F1\n.", "F 1\n.", "F1 \n.", "F1_0\n.", "Finf\n.", "FInfinity\n.", "Fnan\n.", "F1e999\n.", "F0x1p3\n.", "F\n.",
	"F1e\n.", "F-nan\n.", "F+nan\n.", "F1.\n.", "F.5\n.", "F.\n.", "F1\r\n.", "F1\x00\n.", "F1e-999\n.", "F+1\n.",
	"F1d5\n.", "F-inf\n.", "F+Infinity\n.", "Finfi\n.", "\x8a\x00.", "\x8b\x00\x00\x00\x00.", "\x8b\xff\xff\xff\xff.",
}

var specimenNames = []string{
	"Pid\n.", "P\xff\n.", "NQ.", "P\n.", "\x82\x01.", "\x82\x00.", "\x84\xff\xff\xff\xff.", "\x83\x00\x01.",
	"c\n\n.", "czoo\n\n.", "c\nA\n.", "czoo\n\xff\n.", "czoo\nA.B\n.", "(izoo\nA\n.", "(i\n\n.", "(izoo\n\n.",
	"U\x03zooU\x01A\x93.", "NN\x93.", "X\x03\x00\x00\x00zooK\x01\x93.", "C\x03zooC\x01A\x93.", "U\x01\xffU\x01A\x93.",
	"", ".", "N", "N.xyz", "\x05.", "?.", "\x00.", "\n.", " N.", "N\x80\x04.", "\x80\x06N.", "\x80\xffN.", "\x80\x04\x80\x02N.",
}

var specimenStacks = []string{
	"0N.", "(0N.", "N0.", "N00N.", "(.", "(N.", "N(.", "NN.", "1N.", "(1N.", "(N1N.", "N(K\x01(1.", "2.", "(2.", "N2.",
	"N(2.", "N(N\x85.", "N(\x85.", "NN(\x85.", "NN(\x86.", "NNN(\x87.", "](a.", "](Na.", "](NNa.", "N(R.",
	"czoo\nA\n)(R.", "}N(Ns.", "(o.", "(czoo\nA\no.", "(No.", "(NNo.", "(K\x01)R.",
}

var specimenContainers = []string{
	"](N1.", "}(u.", "}(Nu.", "](e.", "N(u.", "N(e.", "N(\x90.", "I5\n(u.", "](u.", "}(e.", "\x8f(\x90.",
	"Na.", "NNa.", "]Na.", "}Na.", "K\x05Na.", ")Na.", "\x8fNa.", "NNNs.", "]NNs.", "]K\x00Ns.", "]NaK\x00Ns.",
	"\x96\x01\x00\x00\x00\x00\x00\x00\x00aK\x00K\x05s.", "\x96\x01\x00\x00\x00\x00\x00\x00\x00aK\x05a.",
	"}]Ns.", "}]NsN.", "\x8f(]\x90.", "(]\x91.", "(N]\x86N\x8f.", "](N\x90.", "\x91.", "(\x91.", "(l.", "l.", "(t.", "t.",
	"(d.", "(Nd.", "d.", "e.", "u.", "czoo\nA\n(e.", "czoo\nA\n(u.", "](](e.", "czoo\nA\n)\x81(N\x90.",
}

// framedSpecimens are protocol 4 pickles with frames at places where they may be, or may not.
func framedSpecimens() [][]byte {
	frame := func(n uint64) string { return "\x95" + string(binary.LittleEndian.AppendUint64(nil, n)) }
	var out [][]byte
	for _, body := range []string{
		frame(2) + "N.", frame(0) + "N.", frame(9) + "N.", frame(1) + "N.", frame(3) + "N..", frame(5) + "N.abc",
		frame(11) + frame(2) + "N.", frame(14) + frame(1) + "N0N0.", frame(5) + frame(2) + "N.", frame(9) + frame(2) + "N.",
		frame(10) + frame(2) + "N.", frame(1) + "K\x01.", frame(2) + "\x8c\x03abc.", frame(4) + "\x8c\x03abc.",
		frame(1) + "\x8c\x03abc.", frame(2) + "I12\n.", frame(1) + "I12\n.", frame(1) + "czoo\nA\n.", frame(5) + "czoo\nA\n.",
		frame(4) + "czoo\nA\n.", frame(6) + "czoo\nA\n.", frame(1) + "NN.", frame(0) + frame(2) + "N.",
		frame(1) + "N" + frame(2) + "0N.", frame(1) + "N0" + frame(2) + "N.", frame(5) + "B\x03\x00\x00\x00abc.",
		frame(3) + "B\x03\x00\x00\x00abc.", frame(2) + "C\x00" + frame(1) + ".", frame(3) + "J\x01\x00\x00\x00.",
	} {
		out = append(out, []byte("\x80\x04"+body))
	}
	return append(out, []byte(frame(4)+"\x80\x04N."))
}
