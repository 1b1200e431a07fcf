package pickle

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// checks has, by opcode, what tells whether a value is one that its reader can have: what passes unopened should not
// fail where it is opened. What takes more than a look at one argument is not among them. Numbers of the memo are
// checked by the scan, which reads them.
var checks = [256]func(arg []byte) error{
	opInt: checkInt, opLong: checkInt,
	opFloat:           func(arg []byte) error { return failed(parseFloat(line(arg))) },
	opString:          func(arg []byte) error { return failed(parseQuoted(line(arg))) },
	opUnicode:         func(arg []byte) error { return failed(parseRawUnicode(line(arg))) },
	opShortBinUnicode: checkText, opBinUnicode: checkText, opBinUnicode8: checkText,
	opGlobal: checkName, opInst: checkName,
	opExt1: checkCode, opExt2: checkCode, opExt4: checkCode,
	opProto:      checkProto,
	opNextBuffer: func([]byte) error { return errOutOfBand },
}

func failed[T any](_ T, err error) error { return err }

// line returns a line without its end.
func line(arg []byte) []byte { return bytes.TrimSuffix(arg, []byte{'\n'}) }

// checkInt leaves it to the reader how many digits are too many.
func checkInt(arg []byte) error {
	if _, _, ok := numeral(shortened(line(arg)), 0); !ok {
		return errNumber
	}
	return nil
}

func checkText(arg []byte) error {
	if !validText(arg) {
		return errText
	}
	return nil
}

// checkName checks two lines that name a module and something in it.
func checkName(arg []byte) error {
	arg = line(arg)
	if i := bytes.IndexByte(arg, '\n'); i <= 0 || i == len(arg)-1 {
		return errNoName
	}
	return checkText(arg)
}

// checkCode checks a code of copyreg.add_extension, which takes 1 to 0x7fffffff.
func checkCode(arg []byte) error {
	var b [4]byte
	copy(b[:], arg)
	if int32(binary.LittleEndian.Uint32(b[:])) <= 0 {
		return errNegative
	}
	return nil
}

func checkProto(arg []byte) error {
	if arg[0] > HighestProtocol {
		return fmt.Errorf("%w %d; the highest known is %d", errProtocol, arg[0], HighestProtocol)
	}
	return nil
}
