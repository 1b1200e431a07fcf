package values_test

import (
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func tool(name string, args ...any) *pickle.Object { return call("itertools", name, args...) }

func TestWhatOneEndlessIteratorMakesIsTakenAsFarAsAnotherGoes(t *testing.T) {
	got, err := values.Iterate(made("zip", tool("count", int64(7)), made("iter", list("a", "b"))))
	require.NoError(t, err)
	assert.Equal(t, []any{pickle.Tuple{int64(7), "a"}, pickle.Tuple{int64(8), "b"}}, got)
}

func TestEndlessIteratorsEndWithTheBudget(t *testing.T) {
	never := made("filter", nil, tool("repeat", int64(0)))
	for name, v := range map[string]any{
		"count": tool("count", int64(0)), "repeat": tool("repeat", "x"), "cycle": tool("cycle", list("a")),
		"a filter that passes nothing": never, "a zip of it": made("zip", never),
		"product": tool("product", list("a", "b"), list("a", "b"), list("a", "b"), list("a", "b"), list("a", "b"),
			list("a", "b"), list("a", "b"), list("a", "b"), list("a", "b"), list("a", "b"), list("a", "b"), list("a", "b")),
		"a slice that begins late": tool("islice", tool("repeat", "x"), int64(1<<40), nil, int64(1)),
		"a power of many digits":   tool("starmap", class("builtins", "pow"), list(pickle.Tuple{int64(3), int64(1 << 40)})),
		"powers of many digits":    made("map", class("builtins", "pow"), tool("repeat", int64(3)), tool("repeat", int64(1<<20))),
		"permutations":             tool("permutations", pickle.Tuple(make([]any, 20)), int64(20)),
	} {
		b := values.NewBudget(values.BudgetLimits{Values: 1 << 11, Bytes: 1 << 20, Steps: 1 << 16}, nil, nil)
		_, err := b.Iterate(v)
		assert.ErrorAs(t, err, new(*values.BudgetError), name)
	}
}

func TestIteratorsThatWouldCallSomethingAreNotIterable(t *testing.T) {
	f := class("app", "f")
	for _, v := range []any{
		made("map", f, list("a")), made("filter", f, list("a")), made("map", class("builtins", "eval"), list("1")),
		made("map", class("builtins", "int"), list("1")), tool("takewhile", f, list("a")), tool("takewhile", nil, list("a")),
		tool("starmap", f, list("ab")), tool("starmap", nil, list("ab")), tool("starmap", class("builtins", "max"), list("a")),
		tool("starmap", class("builtins", "pow"), list(pickle.Tuple{int64(2), int64(-1)})), tool("accumulate", list("a"), f),
		tool("groupby", list("a"), nil), made("iter", class("builtins", "int"), int64(0)),
	} {
		_, err := values.Iterate(v)
		assert.ErrorContains(t, err, "this server runs no Python code")
	}
}

func TestAnIteratorOverWhatIsNotReadIsNoEmptyOne(t *testing.T) {
	for _, name := range []string{"iter", "reversed"} {
		_, err := values.Iterate(made(name, call("app", "Sequence", int64(1))))
		assert.EqualError(t, err, "TypeError: 'Sequence' object is not iterable", name)
	}
}

func TestAStateThatIteratorsDoNotHaveIsRefusedOrKeptInItsBounds(t *testing.T) {
	with := func(o *pickle.Object, state any) *pickle.Object {
		o.State, o.HasState = state, true
		return o
	}
	pool := list("a", "b", "c")
	for _, v := range []any{
		with(tool("chain"), int64(1)), with(tool("chain"), pickle.Tuple{}), with(tool("cycle", pool), int64(1)),
		with(tool("islice", pool, int64(0), nil, int64(1)), "x"), with(tool("product", pool), pickle.Tuple{}),
		with(tool("combinations", pool, int64(2)), pickle.Tuple{"x", int64(1)}),
		with(tool("permutations", pool, int64(2)), pickle.Tuple{pickle.Tuple{}, pickle.Tuple{}}),
		tool("islice", pool, int64(-1), nil, int64(1)), tool("combinations", pool, int64(-1)), tool("product", int64(1)),
	} {
		_, err := values.Iterate(v)
		var exc *values.Error
		require.ErrorAs(t, err, &exc)
		assert.Equal(t, "TypeError", exc.Class)
	}
	got, err := values.Iterate(with(tool("combinations", pool, int64(2)), pickle.Tuple{int64(-5), int64(99)}))
	require.NoError(t, err)
	assert.Equal(t, []any{pickle.Tuple{"b", "c"}}, got)
}

func TestAStrictZipOfUnequalLengthsSaysWhichIsShorter(t *testing.T) {
	long, short := list("a", "b"), list("a")
	for want, args := range map[string][]any{
		"zip() argument 2 is shorter than argument 1":    {long, short},
		"zip() argument 2 is longer than argument 1":     {short, long},
		"zip() argument 3 is shorter than arguments 1-2": {long, long, short},
	} {
		z := made("zip", args...)
		z.State, z.HasState = true, true
		_, err := values.Iterate(z)
		assert.EqualError(t, err, "ValueError: "+want)
	}
}

func TestAccumulateGoesOnFromItsTotal(t *testing.T) {
	from := func(total any, function any, items ...any) *pickle.Object {
		o := tool("accumulate", made("iter", list(items...)), function)
		o.State, o.HasState = total, true
		return o
	}
	mul := class("_operator", "mul")
	for _, c := range []struct {
		of   any
		want []any
	}{
		{tool("accumulate", list(int64(1), 2.5, true), nil), []any{int64(1), 3.5, 4.5}},
		{from(int64(10), nil, int64(1), int64(2)), []any{int64(11), int64(13)}},
		{from(int64(2), mul, int64(3), int64(4)), []any{int64(6), int64(24)}},
		{from(nil, class("builtins", "max"), int64(1), int64(5), int64(2)), []any{int64(1), int64(5), int64(5)}},
		{tool("accumulate", list("a", "b"), nil), []any{"a", "ab"}},
	} {
		got, err := values.Iterate(c.of)
		require.NoError(t, err)
		assert.Equal(t, c.want, got)
	}
}

func TestATeeGivesWhatItsLinksHoldAndThenWhatIsLeft(t *testing.T) {
	link := func(next any, items ...any) *pickle.Object {
		return tool("_tee_dataobject", made("iter", list("y", "z")), list(items...), next)
	}
	tee := tool("_tee", pickle.Tuple{})
	tee.State, tee.HasState = pickle.Tuple{link(link(nil, "w", "x"), "u", "v"), int64(1)}, true
	got, err := values.Iterate(tee)
	require.NoError(t, err)
	assert.Equal(t, []any{"v", "w", "x", "y", "z"}, got)
}

func TestLinksOfATeeThatGoInACircleEndWithTheBudget(t *testing.T) {
	link := tool("_tee_dataobject", list(), list(), nil)
	link.Args = pickle.Tuple{list(), list(), link}
	tee := tool("_tee", pickle.Tuple{})
	tee.State, tee.HasState = pickle.Tuple{link, int64(0)}, true
	b := values.NewBudget(values.BudgetLimits{Values: 1 << 11, Bytes: 1 << 20, Steps: 1 << 16}, nil, nil)
	_, err := b.Iterate(tee)
	assert.ErrorAs(t, err, new(*values.BudgetError))
}
