package option_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/internal/option"
	"mpbridge/pickle"
)

func TestValuesAtBothEndsOfTheirRangeAreTaken(t *testing.T) {
	require.NoError(t, option.Check("p", option.Int("N", 1, 1, 9), option.Int("N", int64(9), 1, 9),
		option.Time("T", 0, 0), option.Time("T", option.MaxTime, 0)))
}

func TestTheFirstValueOutOfItsRangeIsTheError(t *testing.T) {
	var wrong *pickle.OptionError
	require.ErrorAs(t, option.Check("p", option.Int("A", 1, 1, 9), option.Int("B", 10, 1, 9), option.Int("C", 0, 1, 9)), &wrong)
	assert.Equal(t, pickle.OptionError{Package: "p", Option: "B", Value: 10, Low: 1, High: 9}, *wrong)
}

func TestAnOptionErrorSaysWhatWouldDo(t *testing.T) {
	require.EqualError(t, option.Check("p", option.Int("N", 0, 1, 9)), "p: option N is 0, want 1 to 9")
}

func TestAnOptionErrorWritesTimesAsTimes(t *testing.T) {
	require.EqualError(t, option.Check("p", option.Time("Wait", -time.Second, 0)), "p: option Wait is -1s, want 0s or more")
}
