package pool_test

import (
	"strings"
	"testing"

	"mpbridge/managers"
	"mpbridge/pool"

	"github.com/stretchr/testify/assert"
)

// TestAnErrorShowsLittleOfAWorkersWordsAndNoneAsTheyAre: the fields have them all.
func TestAnErrorShowsLittleOfAWorkersWordsAndNoneAsTheyAre(t *testing.T) {
	words := "\x1b[2J\u202e\xff" + strings.Repeat("x", 100_000)
	for _, err := range []error{
		&pool.TaskError{Func: "m:f", Exception: managers.ErrValueError.New(words)},
		&pool.EncodingError{Func: "m:f", Reason: words},
		&pool.WorkerError{Func: "m:f", Stderr: []string{"first", words}},
		&pool.StartError{Python: "python", Stderr: []string{words}},
		&pool.ForkServerError{Stderr: []string{words}},
	} {
		assert.Contains(t, err.Error(), `\u001b[2J\u202e\xffxxx`)
		assert.Less(t, len(err.Error()), 5000)
	}
}
