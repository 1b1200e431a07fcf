package server_test

import (
	"context"
	"iter"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/internal/testing/testwait"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
	"mpbridge/pickle"
)

// place is embedded, as its fields are.
type place struct{ HomeTown string }

// tree is a struct that may contain itself.
type tree struct {
	place
	SubTrees  []*tree
	ByName    map[string]tree
	HiddenTag int `pickle:"HT"`
}

// samples has a method for each sort of value.
type samples struct{}

func (samples) Town(t tree) string        { return t.HomeTown }
func (samples) Deep(t tree) string        { return t.SubTrees[0].ByName["x"].HomeTown }
func (samples) Tag(t tree) int            { return t.HiddenTag }
func (samples) Grow(t *tree) int          { return len(t.SubTrees) }
func (samples) Text(string)               {}
func (samples) Bytes([]byte)              {}
func (samples) Float(float64)             {}
func (samples) Complex(complex64)         {}
func (samples) List([]int)                {}
func (samples) Pointer(*int)              {}
func (samples) Bool(bool)                 {}
func (samples) When(time.Time)            {}
func (samples) Number(*big.Int)           {}
func (samples) NoChannel() chan int       { return nil }
func (samples) NoSequence() iter.Seq[int] { return nil }

func (samples) Endless() iter.Seq[int] {
	return func(yield func(int) bool) {
		defer func() { panic("the end fails") }()
		for yield(1) {
		}
	}
}

func (samples) Stream() <-chan string {
	ch := make(chan string, 1)
	ch <- "a"
	close(ch)
	return ch
}

var sampleNames = []string{"town", "deep", "tag", "grow", "text", "bytes", "float", "complex",
	"list", "pointer", "bool", "when", "number", "no_channel", "no_sequence", "endless", "stream"}

func withSamples(t *testing.T) *client.Proxy {
	t.Helper()
	_, c := exposing(t, server.Options{}, func(s *server.Server) {
		require.NoError(t, s.Register("samples", samples{}, &server.RegisterOptions{
			Exposed: sampleNames, MethodToTypeid: map[string]string{"stream": "Lines"}}))
	})
	p, err := c.Open(soon(t), "samples")
	require.NoError(t, err)
	return p
}

func TestExposedStructsAreFilledFromNamesInSnakeCase(t *testing.T) {
	p := withSamples(t)
	bern := map[string]any{"home_town": "Bern"}
	instance := &pickle.Object{Kind: pickle.NewObj, Class: pickle.Global{Module: "m", Name: "Tree"},
		Args: pickle.Tuple{}, State: pickle.NewDict("home_town", "Bern"), HasState: true}
	for _, tc := range []struct {
		method string
		arg    any
		want   any
	}{
		{"town", bern, "Bern"},
		{"town", instance, "Bern"},
		{"deep", map[string]any{"sub_trees": []any{map[string]any{
			"by_name": map[string]any{"x": bern}}}}, "Bern"},
		{"deep", map[string]any{"SubTrees": pickle.Tuple{map[string]any{
			"ByName": map[string]any{"x": bern}}}}, "Bern"},
		{"tag", map[string]any{"HT": 1, "hidden_tag": 2, "other": 3}, int64(1)},
		{"grow", map[string]any{"sub_trees": pickle.Tuple{}}, int64(0)},
	} {
		got, err := p.Call(soon(t), tc.method, tc.arg)
		require.NoError(t, err)
		assert.Equal(t, tc.want, got)
	}
}

// taker has methods for what clients' libraries make.
type taker struct{}

type spot struct {
	Label string
	Where struct{ HomeTown string }
}

func (taker) Mean(x float64) float64 { return x }
func (taker) Sum(xs []float64) (sum float64) {
	for _, x := range xs {
		sum += x
	}
	return sum
}
func (taker) Signal(n int) int      { return n }
func (taker) Spot(s spot) string    { return s.Label + s.Where.HomeTown }
func (taker) At(t time.Time) string { return t.Format(time.RFC3339) }

func TestExposedMethodsTakeWhatLibrariesMake(t *testing.T) {
	float := called("numpy", "dtype", "f8", false, true)
	float.State, float.HasState = pickle.Tuple{int64(3), "<", nil, nil, nil, int64(-1), int64(-1), int64(0)}, true
	one := []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}
	noon := pickle.NaiveDatetime(time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC))
	for _, naive := range []*time.Location{nil, time.UTC} {
		_, c := exposing(t, server.Options{Naive: naive}, func(s *server.Server) {
			require.NoError(t, s.Register("taker", taker{}, nil))
		})
		p, err := c.Open(soon(t), "taker")
		require.NoError(t, err)
		for _, tc := range []struct {
			method    string
			arg, want any
		}{
			{"mean", called("numpy._core.multiarray", "scalar", float, one), 1.0},
			{"sum", called("numpy._core.numeric", "_frombuffer", append(one, one...), float, pickle.Tuple{int64(2)}, "C"), 2.0},
			{"signal", called("signal", "Signals", int64(2)), int64(2)},
			{"spot", pickle.Tuple{"a", map[string]any{"home_town": "Bern"}}, "aBern"},
		} {
			got, err := p.Call(soon(t), tc.method, tc.arg)
			require.NoError(t, err, tc.method)
			assert.Equal(t, tc.want, got, tc.method)
		}
		got, err := p.Call(soon(t), "at", noon)
		if naive == nil {
			require.ErrorIs(t, err, managers.ErrTypeError)
			assert.ErrorContains(t, err, "no time zone")
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, "2026-01-02T12:00:00Z", got)
	}
}

// called is what a call of a class or function is pickled as.
func called(module, name string, args ...any) *pickle.Object {
	return &pickle.Object{Class: pickle.Global{Module: module, Name: name}, Args: pickle.Tuple(args)}
}

func TestExposedStructsAreFilledOnlySoDeep(t *testing.T) {
	p := withSamples(t)
	deep := &pickle.Dict{}
	for range 3000 {
		deep = pickle.NewDict("sub_trees", &pickle.List{Items: []any{deep}})
	}
	_, err := p.Call(soon(t), "grow", deep)
	require.ErrorIs(t, err, managers.ErrTypeError)
	assert.ErrorContains(t, err, "too deep")
}

func TestAnExposedMethodNamesTheTypeThatItWants(t *testing.T) {
	p := withSamples(t)
	class := pickle.Global{Module: "m", Name: "C"}
	for method, want := range map[string]string{
		"text": "str", "bytes": "bytes", "float": "float", "complex": "complex", "list": "list",
		"pointer": "int", "bool": "bool", "when": "datetime.datetime", "number": "int",
		"grow": "dict",
	} {
		_, err := p.Call(soon(t), method, class)
		require.ErrorIs(t, err, managers.ErrTypeError)
		assert.ErrorContains(t, err, "samples."+method+"() argument 1 must be "+want)
	}
}

func TestNilIsAnExposedSequenceWithoutValues(t *testing.T) {
	p := withSamples(t)
	for _, method := range []string{"no_channel", "no_sequence"} {
		_, err := step(t, iterator(t, p, method))
		require.ErrorIs(t, err, managers.ErrStopIteration)
	}
}

func TestAnExposedChannelCanHaveATypeidOfItsOwn(t *testing.T) {
	it := iterator(t, withSamples(t), "stream")
	assert.Equal(t, "Lines", it.Token().Typeid)
	v, err := step(t, it)
	require.NoError(t, err)
	assert.Equal(t, "a", v)
	text, err := it.Repr(soon(t))
	require.NoError(t, err)
	assert.Equal(t, "<generator object>", text)
}

func TestAnExposedSequenceWhoseEndPanicsHarmsNobody(t *testing.T) {
	p := withSamples(t)
	it := iterator(t, p, "endless")
	_, err := step(t, it)
	require.NoError(t, err)
	_, err = it.Call(soon(t), "close")
	require.NoError(t, err)
	_, err = p.Call(soon(t), "text", "a")
	require.NoError(t, err)
}

func TestAStepOfAnExposedSequenceThatIsClosedMeanwhileEndsIt(t *testing.T) {
	b, _, p := withBank(t)
	it := iterator(t, p, "sleep")
	ended := make(chan error, 1)
	go func() {
		_, err := it.Call(context.Background(), "__next__")
		ended <- err
	}()
	<-b.began
	_, err := it.Call(soon(t), "close")
	require.NoError(t, err)
	require.ErrorIs(t, <-ended, managers.ErrStopIteration)
	assert.Equal(t, "sleep", <-b.ended)
}

func TestTheTextOfAnExposedValueIsItsString(t *testing.T) {
	_, _, p := withBank(t)
	text, err := p.Repr(soon(t))
	require.NoError(t, err)
	assert.Equal(t, "the bank", text)
	_, err = p.GetValue(soon(t))
	require.ErrorContains(t, err, "cannot pickle the bank")
}

// failing is a value whose text cannot be had.
type failing[T any] struct{ none *T }

func (f *failing[T]) String() string { panic("no text") }
func (f *failing[T]) Value() T       { return *f.none }

func TestTheTextOfAnExposedValueNamesNoPaths(t *testing.T) {
	_, c := exposing(t, server.Options{}, func(s *server.Server) {
		require.NoError(t, s.Register("failing", &failing[place]{}, nil))
	})
	p, err := c.Open(soon(t), "failing")
	require.NoError(t, err)
	text, err := p.Repr(soon(t))
	require.NoError(t, err)
	assert.Equal(t, "<server_test.failing[server_test.place] object>", text)
}

func TestAnObjectIsExposedAsItIs(t *testing.T) {
	_, c := exposing(t, server.Options{}, func(s *server.Server) {
		q := testwait.Must(queue.New(nil))
		require.NoError(t, s.Register("get_queue", q, nil))
		newQueue := func(size int) *queue.Queue {
			return testwait.Must(queue.New(&queue.Options{MaxSize: size}))
		}
		require.NoError(t, s.Register("small", newQueue, nil))
	})
	for _, typeid := range []string{"get_queue", "small"} {
		var args []any
		if typeid == "small" {
			args = []any{1}
		}
		q, err := client.OpenQueueOf[int](soon(t), c, typeid, args...)
		require.NoError(t, err)
		require.NoError(t, q.Put(soon(t), 1))
		full, err := q.Full(soon(t))
		require.NoError(t, err)
		assert.Equal(t, typeid == "small", full)
	}
}
