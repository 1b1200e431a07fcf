package printable

import (
	"io"
	"unicode/utf8"
)

// Writer passes text on and shows by its number what is not printable, but for line ends and tabs. JSON stays the
// same JSON: there such characters stand inside strings alone, where the two spellings mean one thing. A character may be
// divided between two writes; what is left of one at the end is never written.
type Writer struct {
	w    io.Writer
	part []byte // the beginning of a character
	buf  []byte
}

// NewWriter returns a Writer on w. It is as safe for concurrent use as w is only where each Write ends with a whole
// character.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write passes p on.
func (w *Writer) Write(p []byte) (int, error) {
	text := p
	if len(w.part) > 0 {
		text = append(w.part, p...)
		w.part = nil
	}
	if n := unfinished(text); n > 0 {
		w.part = append([]byte(nil), text[len(text)-n:]...)
		text = text[:len(text)-n]
	}
	if s := string(text); !clean(s, "\n\t") {
		w.buf, _ = appendShown(w.buf[:0], s, maxInt, "\n\t")
		text = w.buf
	}
	if _, err := w.w.Write(text); err != nil {
		return 0, err
	}
	return len(p), nil
}

const maxInt = int(^uint(0) >> 1)

// unfinished returns how many bytes at the end begin a character that is not all there.
func unfinished(p []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(p); n++ {
		if b := p[len(p)-n]; utf8.RuneStart(b) {
			if b >= utf8.RuneSelf && !utf8.FullRune(p[len(p)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}
