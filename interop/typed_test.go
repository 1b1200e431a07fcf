package interop_test

import (
	"strings"
	"testing"
	"time"

	"mpbridge/interop"
	"mpbridge/managers/client"
	"mpbridge/pickle"
	"mpbridge/pool"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// same asserts what an expression gives in Python as a value of want's type. Modules are found by m(name).
func same[T any](t *testing.T, p *pool.Pool, expression string, want T) {
	t.Helper()
	expression = strings.ReplaceAll(expression, "m(", "__import__('importlib').import_module(")
	got, err := pool.Call[T](t.Context(), p, "builtins:eval", expression)
	require.NoError(t, err, expression)
	assert.Equal(t, want, got, expression)
}

func TestWhatWorkersReturnFitsGoTypes(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{Workers: 1, Naive: time.UTC})
		same(t, p, "True", 1)
		same(t, p, "m('uuid').UUID(int=5)", "00000000-0000-0000-0000-000000000005")
		same(t, p, "m('decimal').Decimal('0.1')", 0.1)
		same(t, p, "m('decimal').Decimal('0.1')", "0.1")
		same(t, p, "m('fractions').Fraction(1, 2)", 0.5)
		same(t, p, "m('datetime').timedelta(1)", 24*time.Hour)
		same(t, p, "m('datetime').time(1)", time.Hour)
		same(t, p, "m('datetime').date(2020, 1, 2)", time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC))
		same(t, p, "m('datetime').datetime(2020, 1, 2, 3)", time.Date(2020, 1, 2, 3, 0, 0, 0, time.UTC))
		same(t, p, "m('time').gmtime(0)[:3]", struct{ Year, Month, Day int }{1970, 1, 1})
		same(t, p, "m('time').gmtime(0)", []int{1970, 1, 1, 0, 0, 0, 3, 1, 0})
		if py.Profile.Version.Major == 2 {
			same(t, p, "m('urlparse').urlsplit('a://b/c')", []string{"a", "b", "/c", "", ""})
			return
		}
		same(t, p, "m('urllib.parse').urlsplit('a://b/c')", struct{ A, B, C, D, E string }{"a", "b", "/c", "", ""})
		same(t, p, "m('signal').SIGINT", 2)
		same(t, p, "m('http').HTTPStatus.OK", 200)
		same(t, p, "m('re').IGNORECASE | m('re').MULTILINE", 10)
		same(t, p, "m('pathlib').PurePosixPath('/a/b')", "/a/b")
		same(t, p, "m('os').terminal_size((80, 24))", [2]int{80, 24})
		if py.Profile.Version.Minor < 9 {
			return
		}
		berlin, err := time.LoadLocation("Europe/Berlin")
		require.NoError(t, err)
		same(t, p, "m('datetime').datetime(2020, 10, 25, 3, tzinfo=m('zoneinfo').ZoneInfo('Europe/Berlin'))",
			time.Date(2020, 10, 25, 3, 0, 0, 0, berlin))
	})
}

func TestAResultOfAnotherTypeIsInItsError(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		p := openPool(t, py, pool.Options{Workers: 1})
		_, err := pool.Call[int](t.Context(), p, "builtins:eval", "'text'")
		checkResult(t, err, "text")
		_, err = pool.Map[int](t.Context(), p, "builtins:str", []float64{0.5, 1.5}, &pool.MapOptions{Chunk: 2})
		var item *pool.ItemError
		require.ErrorAs(t, err, &item)
		checkResult(t, err, "0.5")
		_, err = pool.Call[time.Time](t.Context(), p, "datetime:datetime", 2020, 1, 2)
		require.ErrorIs(t, err, pickle.ErrNaive)
	})
}

func checkResult(t *testing.T, err error, want string) {
	t.Helper()
	var wrong *pool.ResultError
	require.ErrorAs(t, err, &wrong)
	var mismatch *pickle.TypeError
	require.ErrorAs(t, err, &mismatch)
	var text string
	require.NoError(t, wrong.Raw.Unmarshal(&text))
	assert.Equal(t, want, text)
}

func TestAnItemOfAnotherTypeIsNotLostByAPythonManager(t *testing.T) {
	withManager(t, func(t *testing.T, _ interop.Python, c *client.Client) {
		q, err := client.OpenQueueOf[float64](soon(t), c, "get_queue")
		require.NoError(t, err)
		require.NoError(t, q.Queue.Put(soon(t), "text"))
		_, err = q.Get(soon(t))
		var wrong *client.ItemError
		require.ErrorAs(t, err, &wrong)
		require.NoError(t, wrong.PutBack(soon(t)))
		q.PutBack = true
		_, err = q.Get(soon(t))
		require.ErrorAs(t, err, &wrong)
		assert.True(t, wrong.Returned)
		v, err := q.Queue.Get(soon(t))
		require.NoError(t, err)
		assert.Equal(t, "text", v)
		require.NoError(t, q.TaskDone(soon(t)))
		require.NoError(t, q.Join(soon(t)))
	})
}
