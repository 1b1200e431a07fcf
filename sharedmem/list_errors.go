package sharedmem

import (
	"errors"
	"fmt"
)

var (
	// ErrType is returned for a value that a ShareableList or an array does not take.
	ErrType = errors.New("want None, a bool, an int, a float, a str or bytes")

	// ErrTooLong is returned for a str or bytes that an item has no room for.
	ErrTooLong = errors.New("bytes/str item exceeds available storage")

	// ErrTrailingZero is returned for a str or bytes that ends in a zero byte: a ShareableList would give it back without.
	ErrTrailingZero = errors.New("zero bytes at the end of an item are lost")

	// ErrNotText is returned for a str that is no UTF-8. Python itself stores such, when it has no room for a character.
	ErrNotText = errors.New("it is no UTF-8")

	// ErrNotFound is returned by Index for a value that is not there.
	ErrNotFound = errors.New("the value is not in the list")
)

// FormatError says what in a segment is not as it is in a ShareableList, or how a pickle is not one of this package's.
type FormatError struct {
	Offset int    // from the beginning of the segment, in bytes
	What   string // what was found, and what was expected
}

// Error names the place.
func (e *FormatError) Error() string { return fmt.Sprintf("at byte %d: %s", e.Offset, e.What) }

// ItemError says which item of a list an error is about.
type ItemError struct {
	Position int
	Err      error
}

// Error names the position.
func (e *ItemError) Error() string { return fmt.Sprintf("item %d: %v", e.Position, e.Err) }

// Unwrap returns the cause.
func (e *ItemError) Unwrap() error { return e.Err }
