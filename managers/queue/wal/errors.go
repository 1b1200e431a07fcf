package wal

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrClosed is what a Log says after Close.
	ErrClosed = errors.New("wal: the journal is closed")
	// ErrTooLarge says that a batch is larger than a frame may be.
	ErrTooLarge = errors.New("wal: a batch is larger than 2 GiB")
	// ErrDropped says that a stream was dropped before.
	ErrDropped = errors.New("wal: the stream was dropped")
	// ErrLocked says that another program has the folder.
	ErrLocked = errors.New("wal: another program has the folder")

	errBad = errors.New("wal: no valid header")
)

// FormatError says that a file is not of a format that this program reads.
type FormatError struct {
	File     string
	Version  string // of the file, where it has one
	Features uint32 // that the file needs and this program does not know, as bits
	Offset   int64  // of a batch that is whole and has records that this program does not know
}

// Error says what was found and what was expected.
func (e *FormatError) Error() string {
	switch {
	case e.Version != "":
		return fmt.Sprintf("wal: %s has version %s, this program reads version %d", e.File, e.Version, version)
	case e.Features != 0:
		return fmt.Sprintf("wal: %s needs features %#x, this program has %#x", e.File, e.Features, features)
	case e.Offset != 0:
		return fmt.Sprintf("wal: %s has a batch at offset %d that this program does not know", e.File, e.Offset)
	}
	return fmt.Sprintf("wal: %s is damaged or not a journal's", e.File)
}

// Damage is a stretch of a segment that cannot be read, though it was on stable storage once.
type Damage struct {
	Segment string // file
	Offset  int64
	Length  int64
	// First and Last are the batches that were there.
	First, Last uint64
	// Records is how many records they had, -1 where that cannot be told.
	Records int
	// Streams are names of streams that are known to be among those concerned.
	Streams []string
}

func (d Damage) String() string {
	text := fmt.Sprintf("%s at offset %d: batch %d", d.Segment, d.Offset, d.First)
	if d.Last > d.First {
		text = fmt.Sprintf("%s at offset %d: batches %d to %d", d.Segment, d.Offset, d.First, d.Last)
	}
	if d.Records >= 0 {
		text += fmt.Sprintf(" of %d records", d.Records)
	}
	if len(d.Streams) > 0 {
		text += " in " + strings.Join(d.Streams, ", ")
	}
	return text
}

// DamageError says that what was safe once cannot be read any more. Nothing was changed.
type DamageError struct{ Damages []Damage }

// Error names each stretch.
func (e *DamageError) Error() string {
	texts := make([]string, len(e.Damages))
	for i, d := range e.Damages {
		texts[i] = d.String()
	}
	return "wal: damaged: " + strings.Join(texts, "; ")
}

// SpaceError says that there was no room for what was to be kept: the disk is full, or a quota or limit of sizes is
// reached. It was not kept, and what was kept before is safe.
type SpaceError struct{ Err error }

// Error says why.
func (e *SpaceError) Error() string { return "wal: no room: " + e.Err.Error() }

// Unwrap returns why: an errno.
func (e *SpaceError) Unwrap() error { return e.Err }

// FailedError says that the files cannot be written or synced any more. What was not acknowledged may or may not be
// there after a restart.
type FailedError struct{ Err error }

// Error says why.
func (e *FailedError) Error() string { return "wal: the journal failed: " + e.Err.Error() }

// Unwrap returns why.
func (e *FailedError) Unwrap() error { return e.Err }
