package pool_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"mpbridge/managers"
	"mpbridge/pickle"
	"mpbridge/pool"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// messages are results of (7, 0, (True, 120)) as the releases write them.
var messages = map[string]string{
	"2.7":  "80024b074b00884b7886710187710 22e",
	"3.6":  "80034b074b00884b78867100877101 2e",
	"3.8":  "8004950c000000000000004b074b00884b78869487942e",
	"3.14": "8005950c000000000000004b074b00884b78869487942e",
}

func message(t testing.TB, digits string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
	require.NoError(t, err)
	return b
}

func marshal(t testing.TB, protocol int, v any) []byte {
	t.Helper()
	b, err := (&pickle.EncodeOptions{Protocol: protocol}).Marshal(v)
	require.NoError(t, err)
	return b
}

func TestResultsOfEveryReleaseAreRead(t *testing.T) {
	for release, digits := range messages {
		t.Run(release, func(t *testing.T) {
			msg := message(t, digits)
			for _, parse := range []func([]byte) (pool.Result, error){pool.ParseHead, pool.ParseResult} {
				r, err := parse(msg)
				require.NoError(t, err)
				job, index, nameless, ok := r.Parts()
				assert.Equal(t, []any{int64(7), int64(0), false, true}, []any{job, index, nameless, ok})
			}
			v, err := pool.Decode(msg)
			require.NoError(t, err)
			assert.Equal(t, int64(120), v)
		})
	}
}

func TestNumbersOfAnySizeAreReadInTheHead(t *testing.T) {
	for _, n := range []int64{0, 255, 256, 65535, 65536, 1<<31 - 1, 1 << 31, 1 << 40} {
		for protocol := 2; protocol <= 5; protocol++ {
			msg := marshal(t, protocol, pickle.Tuple{n, n, pickle.Tuple{true, nil}})
			r, err := pool.ParseHead(msg)
			require.NoError(t, err)
			job, index, _, ok := r.Parts()
			assert.Equal(t, []any{n, n, true}, []any{job, index, ok})
		}
	}
}

func TestWhatIsNoResultIsRefused(t *testing.T) {
	for name, v := range map[string]any{
		"a number":         5,
		"a short tuple":    pickle.Tuple{1, 2},
		"a long tuple":     pickle.Tuple{1, 2, pickle.Tuple{false, nil}, nil, nil},
		"a job of text":    pickle.Tuple{"x", 2, pickle.Tuple{false, nil}},
		"a triple":         pickle.Tuple{1, 2, pickle.Tuple{false, nil, nil}},
		"no tuple":         pickle.Tuple{1, 2, "x"},
		"success of text":  pickle.Tuple{1, 2, pickle.Tuple{"yes", nil}},
		"a negative index": pickle.Tuple{nil, 2, 3},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := pool.ParseHead(marshal(t, 4, v))
			assert.Error(t, err)
		})
	}
	_, err := pool.ParseHead(nil)
	require.Error(t, err)
	_, err = pool.Decode(marshal(t, 4, pickle.Tuple{1, 2, pickle.Tuple{true}}))
	assert.Error(t, err)
}

// raised is an exception as BaseException.__reduce__ pickles it.
func raised(module, name string, args ...any) *pickle.Object {
	return &pickle.Object{Kind: pickle.Reduce, Class: pickle.Global{Module: module, Name: name},
		Args: pickle.Tuple(args)}
}

func failure(t testing.TB, more ...any) error {
	t.Helper()
	r, err := pool.ParseResult(marshal(t, 4, append(pickle.Tuple{1, 2}, more...)))
	require.NoError(t, err)
	return r.Failure()
}

func TestAnExceptionComesWithItsTraceback(t *testing.T) {
	exc := raised("shop", "SoldOut", "tea", int64(3))
	wrapped := raised("multiprocessing.pool", "rebuild_exc", exc, "\n\"\"\"\nTraceback: x\n\"\"\"")
	var remote *pool.TaskError
	require.ErrorAs(t, failure(t, pickle.Tuple{false, wrapped}), &remote)
	require.ErrorIs(t, remote, managers.NewExceptionClass("shop", "SoldOut"))
	assert.Equal(t, []any{"tea", int64(3)}, remote.Exception.Args)
	assert.Equal(t, "Traceback: x\n", remote.Traceback)
	assert.Equal(t, "pool: module:function: shop.SoldOut: tea, 3", remote.Error())
}

func TestAFourthElementIsTheTraceback(t *testing.T) {
	var remote *pool.TaskError
	err := failure(t, pickle.Tuple{false, raised("builtins", "KeyError")}, "Traceback: y")
	require.ErrorAs(t, err, &remote)
	assert.Equal(t, "Traceback: y", remote.Traceback)
	assert.Equal(t, "KeyError", remote.Exception.Error())
}

func TestAnEncodingErrorTellsItsState(t *testing.T) {
	exc := raised("multiprocessing.pool", "MaybeEncodingError", "'twice'", "'twice'")
	exc.State, exc.HasState = pickle.NewDict("exc", "E('no')", "value", "<x>"), true
	var encoding *pool.EncodingError
	require.ErrorAs(t, failure(t, pickle.Tuple{false, exc}), &encoding)
	assert.Equal(t, "E('no')", encoding.Reason)
	assert.Equal(t, "<x>", encoding.Value)
}

func TestWhatIsNoExceptionIsAnErrorAllTheSame(t *testing.T) {
	require.ErrorContains(t, failure(t, pickle.Tuple{false, "text"}), "not an exception")
}

func chunk(values, failures []any) pickle.Tuple {
	return pickle.Tuple{1, 2, pickle.Tuple{true, pickle.Tuple{
		&pickle.List{Items: values}, &pickle.List{Items: failures}}}}
}

func TestAChunkHasAnErrorForTheItemThatFailed(t *testing.T) {
	failed := []any{pickle.Tuple{1, raised("builtins", "ValueError", "no"), "Traceback: z"}}
	msg := marshal(t, 4, chunk([]any{10, nil, 30}, failed))
	values, errs, err := pool.Chunk[int](msg, 3)
	require.NoError(t, err)
	assert.Equal(t, []int{10, 0, 30}, values)
	require.Len(t, errs, 1)
	var remote *pool.TaskError
	require.ErrorAs(t, errs[1], &remote)
	assert.Equal(t, "Traceback: z", remote.Traceback)
	raws, errs, err := pool.Chunk[pickle.Raw](msg, 3)
	require.NoError(t, err)
	assert.Len(t, errs, 1)
	assert.Len(t, raws, 3)
}

func TestAValueThatDoesNotFitIsTheErrorOfItsItem(t *testing.T) {
	values, errs, err := pool.Chunk[int](marshal(t, 4, chunk([]any{1, "x"}, nil)), 2)
	require.NoError(t, err)
	assert.Equal(t, 1, values[0])
	var mismatch *pickle.TypeError
	require.ErrorAs(t, errs[1], &mismatch)
}

func TestAChunkOfAnotherShapeIsRefused(t *testing.T) {
	for name, v := range map[string]pickle.Tuple{
		"too few values":        chunk([]any{1}, nil),
		"too many values":       chunk([]any{1, 2, 3}, nil),
		"an index out of range": chunk([]any{1, 2}, []any{pickle.Tuple{2, nil, ""}}),
		"a negative index":      chunk([]any{1, 2}, []any{pickle.Tuple{-1, nil, ""}}),
		"a failure of text":     chunk([]any{1, 2}, []any{"x"}),
		"no pair":               {1, 2, pickle.Tuple{true, 5}},
	} {
		t.Run(name, func(t *testing.T) {
			msg := marshal(t, 4, v)
			_, _, err := pool.Chunk[int](msg, 2)
			require.Error(t, err)
			_, _, err = pool.Chunk[pickle.Raw](msg, 2)
			require.Error(t, err)
		})
	}
}

func TestAGreetingSaysWhatTheWorkerReads(t *testing.T) {
	o, err := pool.ParseHello(marshal(t, 2, pickle.Tuple{2, true}))
	require.NoError(t, err)
	assert.Equal(t, &pickle.EncodeOptions{Protocol: 2, NativeBytes: true}, o)
	o, err = pool.ParseHello(marshal(t, 2, pickle.Tuple{9, false}))
	require.NoError(t, err)
	assert.Equal(t, &pickle.EncodeOptions{Protocol: pickle.HighestProtocol}, o)
	for _, v := range []any{5, pickle.Tuple{1, false}, pickle.Tuple{5}, pickle.Tuple{"5", false}} {
		_, err = pool.ParseHello(marshal(t, 2, v))
		assert.Error(t, err)
	}
}

// FuzzResult: nothing that a worker sends makes the parsers panic, and both say the same about it.
func FuzzResult(f *testing.F) {
	for _, digits := range messages {
		f.Add(message(f, digits))
	}
	f.Add(marshal(f, 4, pickle.Tuple{nil, nil, pickle.Tuple{false, raised("a", "b")}, "text"}))
	f.Add(marshal(f, 4, chunk([]any{1, 2}, []any{pickle.Tuple{1, raised("a", "b"), "text"}})))
	f.Add(marshal(f, 2, pickle.Tuple{5, false}))
	f.Fuzz(func(t *testing.T, msg []byte) {
		head, headErr := pool.ParseHead(msg)
		whole, err := pool.ParseResult(msg)
		if err == nil {
			require.NoError(t, headErr)
			job, index, nameless, ok := head.Parts()
			job2, index2, nameless2, ok2 := whole.Parts()
			require.Equal(t, []any{job2, index2, nameless2, ok2}, []any{job, index, nameless, ok})
			if !ok {
				require.Error(t, whole.Failure())
			}
		}
		_, _ = pool.Decode(msg)
		_, _ = pool.ParseHello(msg)
		_, _, _ = pool.Chunk[int](msg, 2)
		short := make([]int64, 2)
		if v, err := pool.Decode(msg); err == nil && pool.ReadNumbers(msg, short) {
			want := pickle.Tuple{&pickle.List{Items: []any{short[0], short[1]}}, &pickle.List{}}
			require.True(t, pickle.Equal(want, v), "%v", v)
		}
		_, _, _ = pool.Chunk[pickle.Raw](msg, 2)
	})
}
