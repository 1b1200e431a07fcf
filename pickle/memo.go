package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
)

var errMemoNumber = errors.New("malformed memo number")

// memoNumber reads the number behind a PUT or GET of any form. Text forms end at the newline, and hold what int()
// makes a number of that is no less than 0, and less than 2**63. Python 2 takes any text, and tells 1 from 01.
func memoNumber(op Op, arg []byte) (int64, error) {
	switch op {
	case opBinGet, opBinPut:
		return int64(arg[0]), nil
	case opLongBinGet, opLongBinPut:
		return int64(binary.LittleEndian.Uint32(arg)), nil
	}
	if i := bytes.IndexByte(arg, '\n'); i >= 0 {
		arg = arg[:i]
	}
	if len(arg) > maxMemoText {
		return 0, errMemoNumber
	}
	v, err := parseDigits(arg, 10, maxMemoText)
	if n, ok := v.(int64); ok && err == nil && n >= 0 {
		return n, nil
	}
	return 0, errMemoNumber
}

// maxMemoText is how long the text of a memo number may be.
const maxMemoText = 64
