package values_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errUnwanted = errors.New("nobody wants it")

func limits(n, bytes, steps int64) values.BudgetLimits {
	return values.BudgetLimits{Values: n, Bytes: bytes, Steps: steps}
}

func TestABudgetNamesTheLimitThatWasMet(t *testing.T) {
	for what, spend := range map[string]func(*values.Budget) error{
		"values": func(b *values.Budget) error { return b.MakeEach(11, 1) },
		"bytes":  func(b *values.Budget) error { return b.MakeEach(1, 1001) },
		"steps":  func(b *values.Budget) error { return b.Step(101) },
	} {
		t.Run(what, func(t *testing.T) {
			err := spend(values.NewBudget(limits(10, 1000, 100), nil, nil))
			var over *values.BudgetError
			require.ErrorAs(t, err, &over)
			assert.Equal(t, what, over.What)
		})
	}
}

func TestABudgetCountsWhatNoNumberHolds(t *testing.T) {
	b := values.NewBudget(limits(1<<40, 1<<40, 1<<60), nil, nil)
	require.Error(t, b.MakeEach(1<<30, 1<<30))
	require.NoError(t, b.MakeEach(10, 10))
}

func TestWhatIsFreedCanBeSpentAgainButForSteps(t *testing.T) {
	b := values.NewBudget(limits(10, 1000, 60), nil, nil)
	for range 5 {
		m := b.Mark()
		require.NoError(t, b.MakeEach(10, 10))
		b.Free(m)
	}
	require.Error(t, b.MakeEach(10, 10), "each value was a step")
	require.Error(t, b.Step(1), "and there is none left")
}

func TestABudgetEndsWithWhoWantsTheResult(t *testing.T) {
	wanted := true
	b := values.NewBudget(limits(1<<40, 1<<40, 1<<40), func() error {
		if wanted {
			return nil
		}
		return errUnwanted
	}, nil)
	require.NoError(t, b.Step(1<<20))
	wanted = false
	require.ErrorIs(t, b.Step(1<<20), errUnwanted)
	require.ErrorIs(t, b.MakeEach(1, 1), errUnwanted)
}

func TestBudgetsOfAPoolSpendItTogether(t *testing.T) {
	pool := values.NewPool(8 << 20)
	one := values.NewBudget(limits(1<<40, 1<<40, 1<<40), nil, pool)
	other := values.NewBudget(limits(1<<40, 1<<40, 1<<40), nil, pool)
	require.NoError(t, one.Make(1, 6<<20))
	require.Error(t, other.Make(1, 6<<20))
	require.NoError(t, other.Make(1, 1<<20))
	one.Close()
	require.NoError(t, other.Make(1, 6<<20))
	other.Close()
	assert.Zero(t, pool.Used())
}

// dear are things to do with a value of few bytes that take much.
var dear = map[string]func(b *values.Budget) error{
	"a key that is shared": func(b *values.Budget) error {
		_, err := b.KeyFor(twice(40), values.Hash)
		return err
	},
	"the text of what is shared": func(b *values.Budget) error {
		_, err := b.Repr(twice(40), values.ReprStyle{})
		return err
	},
	"sets of what is shared": func(b *values.Budget) error {
		_, err := b.Equal(set(twice(40)), set(twice(40)))
		return err
	},
	"a range": func(b *values.Budget) error {
		_, err := b.Iterate(pickle.Range{Start: int64(0), Stop: int64(1 << 24), Step: int64(1)})
		return err
	},
	"a range of long numbers": func(b *values.Budget) error {
		long := new(big.Int).Lsh(big.NewInt(1), 1<<20)
		stop := new(big.Int).Add(long, big.NewInt(1<<20))
		_, err := b.Iterate(pickle.Range{Start: long, Stop: stop, Step: int64(1)})
		return err
	},
	"the order of long texts": func(b *values.Budget) error {
		items := make([]any, 1000)
		for i := range items {
			items[i] = pickle.Tuple{strings.Repeat("x", 1<<16), int64(i)}
		}
		_, err := b.SortedPermutation(items, false)
		return err
	},
}

// twice is a tuple that holds itself 2**n times over.
func twice(n int) any {
	v := any(pickle.Tuple{})
	for range n {
		v = pickle.Tuple{v, v}
	}
	return v
}

// set is a set that compares its elements when they are looked for.
func set(items ...any) any { return pickle.DistinctSet(items) }

func TestWhatIsDearIsRefused(t *testing.T) {
	for name, do := range dear {
		t.Run(name, func(t *testing.T) {
			err := do(values.NewBudget(limits(1<<16, 1<<22, 1<<16), nil, nil))
			require.ErrorAs(t, err, new(*values.BudgetError))
		})
	}
}

func TestTheBeginningOfATextCostsNoMore(t *testing.T) {
	b := values.NewBudget(limits(100, 10_000, 1000), nil, nil)
	text, err := b.ReprStart(twice(60), values.ReprStyle{}, 50)
	require.NoError(t, err)
	assert.Equal(t, strings.Repeat("(", 50), text[:50])
	text, err = b.ReprStart(strings.Repeat("x", 10_000), values.ReprStyle{}, 50)
	require.NoError(t, err)
	assert.Less(t, len(text), 100)
}

func TestDecimalsOfManyDigitsAreCompared(t *testing.T) {
	decimal := func(text string) any {
		return &pickle.Object{Class: pickle.Global{Module: "decimal", Name: "Decimal"}, Args: pickle.Tuple{text}}
	}
	ones := strings.Repeat("1", 5_000_000)
	for _, c := range []struct {
		less, more string
	}{
		{ones + "1", ones + "2"}, {"-" + ones, "0"}, {ones, ones + "0"}, {"-1" + ones, "-" + ones},
		{"0." + ones, "1"}, {"1E-99999999999", "1E-99999999998"}, {"-1E+9999999999", "1E+9999999999"},
	} {
		less, err := values.Compare(values.LT, decimal(c.less), decimal(c.more))
		require.NoError(t, err)
		assert.True(t, less)
		same, err := values.Equal(decimal(c.less), decimal(c.more))
		require.NoError(t, err)
		assert.False(t, same)
	}
	same, err := values.Equal(decimal("1"+strings.Repeat("0", 1_000_000)), decimal("1E+1000000"))
	require.NoError(t, err)
	assert.True(t, same)
}
