package reduction

import (
	"errors"
	"fmt"
)

var (
	// ErrUnknownPeer is returned by RecvHandle and RecvFds when nothing tells whether the sender
	// waits for an acknowledgement. Nothing was read; say it by Options.Peer.
	ErrUnknownPeer = errors.New("reduction: it is not known whether the sender waits for an " +
		"acknowledgement")

	// ErrNoAck is returned when the peer did not acknowledge descriptors. It may have them all the
	// same.
	ErrNoAck = errors.New("reduction: the peer did not acknowledge the descriptors")

	// ErrMalformed is returned for a message or a pickle that does not have the form of an offer or
	// of descriptors. Descriptors that came with it are closed.
	ErrMalformed = errors.New("reduction: malformed")

	// ErrTruncated is returned when the system dropped descriptors on their way, because this
	// process may open no more. Those that came are closed.
	ErrTruncated = errors.New("reduction: descriptors were lost on their way")

	// ErrGone is returned by Rebuild when the offering process has the descriptor no more: it was
	// redeemed before, withdrawn, or never there; or that process has ended.
	ErrGone = errors.New("reduction: the descriptor is no longer on offer")

	// ErrInherited is returned by Rebuild for the forms that Python writes while it starts a child
	// process: only that child can open them.
	ErrInherited = errors.New("reduction: the descriptor is only for a child process of its sender")

	// ErrUntrusted is returned by Rebuild when the process that listens where an offer says is not one that
	// RebuildOptions trusts: it belongs to another user. Nothing was sent to it and no challenge answered.
	ErrUntrusted = errors.New("reduction: the offer comes from a process that is not trusted")

	// ErrTooMany is returned when a Sharer or a call of Rebuild has as many descriptors as it may.
	ErrTooMany = errors.New("reduction: too many descriptors")

	// ErrExpired is the end of a Shared that nobody collected in time.
	ErrExpired = errors.New("reduction: nobody collected the descriptor in time")

	// ErrWithdrawn is the end of a Shared that was withdrawn.
	ErrWithdrawn = errors.New("reduction: the offer was withdrawn")

	// ErrClosed is returned by a Sharer that is closed, and is the end of what it still offered.
	ErrClosed = errors.New("reduction: the sharer is closed")

	// ErrUnsupported is returned for what this operating system cannot do. It is
	// errors.ErrUnsupported.
	ErrUnsupported = fmt.Errorf("reduction: descriptors cannot be passed on this system: %w",
		errors.ErrUnsupported)
)

// malformed says what is wrong, in fixed words.
func malformed(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }
