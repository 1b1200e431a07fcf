package guard_test

import (
	"bytes"
	"errors"
	"log/slog"
	"testing"

	"mpbridge/internal/guard"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rude is a value whose text panics.
type rude struct{}

func (rude) Error() string { panic("again") }

func TestAPanicIsAnErrorAndItsStackIsLogged(t *testing.T) {
	for name, value := range map[string]any{"text": "secret", "error": errors.New("secret"), "rude": rude{}} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := guard.Run(slog.New(slog.NewTextHandler(&out, nil)), "a test", func() error { panic(value) })
			require.ErrorIs(t, err, guard.ErrPanic)
			assert.NotContains(t, err.Error(), "secret")
			assert.Contains(t, out.String(), "in=\"a test\"")
			assert.Contains(t, out.String(), "guard_test.go")
		})
	}
}

func TestWhatDoesNotPanicReturnsItsError(t *testing.T) {
	want := errors.New("mine")
	require.ErrorIs(t, guard.Run(slog.New(slog.DiscardHandler), "a test", func() error { return want }), want)
	require.NoError(t, guard.Run(slog.New(slog.DiscardHandler), "a test", func() error { return nil }))
}
