package connection

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"slices"
	"syscall"
)

var (
	// ErrClosed is returned by operations on a Conn or Listener that this side has closed.
	// It is also net.ErrClosed in the sense of errors.Is.
	ErrClosed = fmt.Errorf("connection: %w", net.ErrClosed)

	// ErrServerClosed is what Listener.Serve returns after Shutdown or Close. It is also ErrClosed in
	// the sense of errors.Is.
	ErrServerClosed = fmt.Errorf("%w: the listener no longer serves", ErrClosed)

	// ErrAuth is the sentinel that every *AuthError matches.
	ErrAuth = errors.New("connection: authentication failed")

	// ErrMessageTooBig is the sentinel that a *LimitError about a message's size matches.
	ErrMessageTooBig = errors.New("connection: message too big")

	// ErrStalled is returned when the peer read nothing for Options.WriteStall.
	ErrStalled = errors.New("connection: peer stopped reading")

	// ErrSilent is returned by Discard when the peer sent nothing, or too little, in the time it had.
	ErrSilent = errors.New("connection: peer stopped sending")

	// ErrBadHeader is returned for a length prefix that no peer sends.
	ErrBadHeader = errors.New("connection: malformed length prefix")

	// ErrNotSupported is returned for what this operating system cannot do.
	ErrNotSupported = fmt.Errorf("connection: %w", errors.ErrUnsupported)
)

// LimitError says that a length or number exceeded a limit of this package.
type LimitError struct {
	What       string // what was counted, with its unit
	Limit, Got int64  // Got is math.MaxInt64 for claims beyond it
}

// The values of LimitError.What.
const (
	limitMessage = "message bytes"
	limitAuth    = "authentication message bytes"
	limitSend    = "sent message bytes"
	limitKeys    = "keys"
)

func (e *LimitError) Error() string {
	return fmt.Sprintf("connection: %s: %d exceeds the limit of %d", e.What, e.Got, e.Limit)
}

// Is reports whether target is ErrMessageTooBig, which every LimitError of this package is.
func (e *LimitError) Is(target error) bool { return target == ErrMessageTooBig }

// The values of AuthError.Step. Each peer takes both steps, one after the other.
const (
	stepDeliver = "deliver challenge" // sends the challenge and judges the answer
	stepAnswer  = "answer challenge"
)

// AuthError says why a handshake failed. It matches ErrAuth, and what its Err matches.
type AuthError struct {
	Step   string // "deliver challenge" or "answer challenge", after CPython's functions
	Reason string // one of the fixed texts of this package, never bytes of the peer
	Ours   string // digests this side offered and accepts; empty unless they did not match
	Theirs string // what the other side offered; empty unless they did not match
	Err    error  // what happened below, or nil
}

func (e *AuthError) Error() string {
	s := "connection: " + e.Step + ": " + e.Reason
	if e.Ours != "" || e.Theirs != "" {
		s += " (ours: " + e.Ours + "; theirs: " + e.Theirs + ")"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns ErrAuth and the cause.
func (e *AuthError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrAuth}
	}
	return []error{ErrAuth, e.Err}
}

// opError names the operation and leaves out addresses, which may be paths of this machine.
func opError(op string, err error) error {
	return fmt.Errorf("connection: %s: %w", op, withoutAddress(err))
}

// withoutAddress takes off the layers in which package net and package os name addresses and files.
func withoutAddress(err error) error {
	for {
		var inner error
		switch e := err.(type) {
		case *net.OpError:
			inner = e.Err
		case *fs.PathError:
			inner = e.Err
		case *os.SyscallError:
			inner = e.Err
		default:
			return err
		}
		if inner == nil {
			return err
		}
		err = inner
	}
}

// IsReset reports whether err says that the peer ended the connection with bytes of ours still
// unread, or was gone when we wrote: ECONNRESET, EPIPE, ECONNABORTED.
func IsReset(err error) bool { return isReset(err) }

// isAny tells whether err is one of these errors of the system.
func isAny(err error, those ...syscall.Errno) bool {
	return slices.ContainsFunc(those, func(e syscall.Errno) bool { return errors.Is(err, e) })
}

// IsDisconnect reports whether err means that the peer is gone, in whatever manner:
//
//	the stream ended, at or inside a frame     io.EOF, io.ErrUnexpectedEOF
//	IsReset                                    ECONNRESET, EPIPE, ECONNABORTED; ESHUTDOWN on Windows
//	nobody listens there when Dial connects    ECONNREFUSED; a socket's file that is missing
//	nothing comes from there any more          ETIMEDOUT, of Dial, KeepAlive or unacknowledged bytes
//	there is no way there any more             EHOSTUNREACH, EHOSTDOWN, ENETUNREACH, ENETDOWN, ENETRESET
//
// A deadline or a ctx that is over, an *AuthError without one of these beneath, and a Conn that was closed on
// this side are none.
func IsDisconnect(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || isReset(err) || isUnreachable(err) ||
		errors.As(err, new(*absentError))
}

// absentError is Dial's where nobody listens.
type absentError struct{ err error }

func (e *absentError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *absentError) Unwrap() error { return e.err }
