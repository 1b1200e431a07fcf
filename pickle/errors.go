package pickle

import (
	"errors"
	"fmt"
	"reflect"
	"time"
)

// ErrUnhashable is wrapped by the error of an operation that was given a dict key or set element
// which Python could not hash: a list, a dict, a set, a bytearray, or a Go value that stands for
// none of Python's.
var ErrUnhashable = errors.New("unhashable")

// The causes of a *TypeError that a program may want to tell apart, with errors.Is.
var (
	// ErrRange: a number, a length or a time that is beyond what the Go type holds; NaN where there is none.
	ErrRange = errors.New("out of range")
	// ErrInexact: an integer that a float type holds with other digits, or a time span that is finer than
	// nanoseconds.
	ErrInexact = errors.New("would lose precision")
	// ErrNaive: a datetime, a date or a datetime64 without a time zone, which names no instant, into a
	// time.Time. DecodeOptions.Naive says which zone it is.
	ErrNaive = errors.New("has no time zone, and DecodeOptions.Naive is not set")
)

// SyntaxError says that bytes are not a pickle, or not one that this package reads, and where.
type SyntaxError struct {
	Offset int64 // of the opcode in the pickle
	Op     Op    // the opcode at that place; 0 at the end of the bytes
	Err    error // the cause; io.ErrUnexpectedEOF where bytes are missing
}

// Error names the opcode, the cause and the offset.
func (e *SyntaxError) Error() string {
	if e.Op == 0 {
		return fmt.Sprintf("pickle: %v at offset %d", e.Err, e.Offset)
	}
	return fmt.Sprintf("pickle: %v: %v at offset %d", e.Op, e.Err, e.Offset)
}

// Unwrap returns the cause.
func (e *SyntaxError) Unwrap() error { return e.Err }

// TypeError says that a Python value does not fit the Go value it was to be put in.
type TypeError struct {
	Path   string       // where in the value, as a Python expression without the name: [2]['id']
	GoType reflect.Type // what was to be filled
	Python string       // what was there: the Python type, sometimes with the reason
	Err    error        // the reason, where there is one beside the types: ErrRange and the like; else nil
}

// Error names both types and the place.
func (e *TypeError) Error() string {
	at := ""
	if e.Path != "" {
		at = " at " + e.Path
	}
	return fmt.Sprintf("pickle: cannot put %s into %v%s", e.Python, e.GoType, at)
}

// Unwrap returns the reason.
func (e *TypeError) Unwrap() error { return e.Err }

// LimitError says that a limit was exceeded. See DecodeOptions.
type LimitError struct {
	What  string // what there was too much of
	Limit int64
	Got   int64 // how much there was, as far as it was counted
}

// Error names the limit and what was counted.
func (e *LimitError) Error() string {
	return fmt.Sprintf("pickle: too many %s: %d, the limit is %d", e.What, e.Got, e.Limit)
}

// UnsupportedError says that a value cannot be pickled, or not in the protocol that was asked for.
type UnsupportedError struct {
	GoType   reflect.Type // of the value
	Protocol int          // that was being written
	Reason   string       // may be empty
}

// Error names the type, the protocol and the reason.
func (e *UnsupportedError) Error() string {
	s := fmt.Sprintf("pickle: cannot write %v in protocol %d", e.GoType, e.Protocol)
	if e.Reason != "" {
		s += ": " + e.Reason
	}
	return s
}

// OptionError says that an option has a value out of its range. It is what every package of this module
// refuses such options with, when that is made which they are for.
type OptionError struct {
	Package, Option  string
	Value, Low, High int64 // the range includes both ends
	IsTime           bool  // Value, Low and High are times: a time.Duration each
}

// Error names the option and its range.
func (e *OptionError) Error() string {
	if e.IsTime {
		return fmt.Sprintf("%s: option %s is %v, want %v or more", e.Package, e.Option, time.Duration(e.Value),
			time.Duration(e.Low))
	}
	return fmt.Sprintf("%s: option %s is %d, want %d to %d", e.Package, e.Option, e.Value, e.Low, e.High)
}

// Causes that more than one file reports.
var (
	errNotTuple   = errors.New("the arguments are not a tuple")
	errNoMemo     = errors.New("reads a memo entry that was never written")
	errNoAppend   = errors.New("the value below takes no elements")
	errNoSetItem  = errors.New("the value below takes no pairs")
	errOddPairs   = errors.New("an odd number of keys and values")
	errNoState    = errors.New("the value below takes no state")
	errStateTwice = errors.New("the object has a state already")
	errKeyword    = errors.New("the name of an argument is not a str")
	errNoName     = errors.New("the module or the name is missing")
	errLostCall   = errors.New("the result of a call is thrown away")
	errOutOfBand  = errors.New("out-of-band buffers are not supported")
	errProtocol   = errors.New("unknown protocol")
	errName       = errors.New("the module and the name are not text")
	errText       = errors.New("not UTF-8")
	errQuotes     = errors.New("string is not quoted")
	errEscape     = errors.New("malformed escape")
	errNumber     = errors.New("malformed number")
	errNoNumber   = errors.New("not a number")
	errShape      = errors.New("its pickle is not of the form that its class makes")
)
