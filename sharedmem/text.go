package sharedmem

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// Bytes returns the bytes of an array up to the first zero: the attribute value of an array of c_char in Python. All of
// them are Items.
func Bytes(a *RawArray[Char]) (text []byte, err error) {
	err = a.block.Access(func(mem []byte) error {
		text = bytes.Clone(mem)
		return nil
	})
	if end := bytes.IndexByte(text, 0); end >= 0 {
		text = text[:end]
	}
	return text, err
}

// SetBytes writes bytes to the beginning of an array, and a zero behind them where there is room, as Python does. More than
// the array has room for is ErrTooLong, and then nothing is changed.
func SetBytes(a *RawArray[Char], text []byte) error {
	if len(text) > a.n {
		return fmt.Errorf("sharedmem: %d bytes for an array of %d: %w", len(text), a.n, ErrTooLong)
	}
	return a.block.change(func(mem []byte) error {
		if n := copy(mem, text); n < len(mem) {
			mem[n] = 0
		}
		return nil
	})
}

// Text returns the characters of an array up to the first zero: the attribute value of an array of c_wchar in Python. What
// is no character is ErrNotText.
func Text(a *RawArray[WChar]) (string, error) {
	items, err := a.Items()
	if err != nil {
		return "", err
	}
	var out []byte
	for i, c := range items {
		if c == 0 {
			break
		}
		if !utf8.ValidRune(rune(c)) {
			return "", &ItemError{i, ErrNotText}
		}
		out = utf8.AppendRune(out, rune(c))
	}
	return string(out), nil
}

// SetText writes the characters of a text to the beginning of an array, and a zero behind them where there is room, as
// Python does. More than the array has room for is ErrTooLong, a text that is no UTF-8 ErrNotText; then nothing is
// changed.
func SetText(a *RawArray[WChar], text string) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("sharedmem: %w", ErrNotText)
	}
	var items []WChar
	for _, c := range text {
		items = append(items, WChar(c))
	}
	if len(items) > a.n {
		return fmt.Errorf("sharedmem: %d characters for an array of %d: %w", len(items), a.n, ErrTooLong)
	}
	if len(items) < a.n {
		items = append(items, 0)
	}
	return a.SetItems(items)
}
