package gopickle

import (
	"fmt"

	gp "github.com/nlpodyssey/gopickle/pickle"

	"mpbridge/pickle"
)

// checks are what a pickle must pass before gopickle sees it: gopickle believes every length, and
// turns integers into numbers in a time that grows with the square of their size.
var checks = &pickle.DecodeOptions{MaxItems: 1 << 20, MaxMemo: 1 << 20, MaxDigits: 10_000, MaxBytes: 64 << 20}

// PanicError says that gopickle panicked.
type PanicError struct{ Value any }

// Error shows what was thrown.
func (e *PanicError) Error() string { return fmt.Sprintf("gopickle: panic: %v", e.Value) }

// Load decodes a pickle with gopickle's own decoder, after package pickle has decoded it within
// limits. The result is what gopickle makes of it, with its errors; a panic becomes a *PanicError.
// To have the value that Python would have, in gopickle's types, give ToTypes what pickle.Unmarshal
// returns.
func Load(data []byte) (v any, err error) {
	var checked any
	if err := checks.Unmarshal(data, &checked); err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			v, err = nil, &PanicError{r}
		}
	}()
	return gp.Loads(string(data))
}
