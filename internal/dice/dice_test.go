package dice

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNumbersAreTheSameInEachRun(t *testing.T) {
	t.Setenv(Env, "")
	assert.Equal(t, New(t).Uint64(), New(t).Uint64())
}

func TestNumbersFollowTheSeedThatIsAskedFor(t *testing.T) {
	t.Setenv(Env, "2")
	two := New(t).Uint64()
	t.Setenv(Env, "3")
	assert.NotEqual(t, two, New(t).Uint64())
}

func TestNumbersDifferWhereThatIsAskedFor(t *testing.T) {
	t.Setenv(Env, "random")
	assert.NotEqual(t, New(t).Uint64(), New(t).Uint64())
}
