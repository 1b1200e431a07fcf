package client

import (
	"fmt"

	"mpbridge/pickle"
)

// ResultError says that a call was made, and that its result is no value of the Go type that was asked for, or
// cannot be decoded. What the method took away from its object, as pop does, is in it. errors.As finds the
// *pickle.TypeError in it.
type ResultError struct {
	// Method is what was called.
	Method string
	// Raw is the result, still pickled.
	Raw pickle.Raw
	// Err says what is wrong with it.
	Err error
}

// Error says what is wrong with the result.
func (e *ResultError) Error() string {
	return fmt.Sprintf("managers: the result of %s: %v", e.Method, e.Err)
}

// Unwrap returns Err.
func (e *ResultError) Unwrap() error { return e.Err }

// resultError is what is wrong with a result, if something is.
func resultError(method string, r pickle.Raw, err error) error {
	if err == nil {
		return nil
	}
	return &ResultError{Method: method, Raw: r, Err: err}
}
