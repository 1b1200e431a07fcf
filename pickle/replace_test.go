package pickle_test

import (
	"errors"
	"testing"

	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// named puts a text in the place of each object of the class m.C.
func named(calls *int) func(*pickle.Object) (any, bool, error) {
	return func(o *pickle.Object) (any, bool, error) {
		*calls++
		return "seen", o.IsA("m", "C"), nil
	}
}

func TestReplaceReachesEveryPlace(t *testing.T) {
	for name, build := range map[string]func(v any) (in any, at func() any){
		"itself": func(v any) (any, func() any) { return v, nil },
		"a tuple": func(v any) (any, func() any) {
			x := pickle.Tuple{int64(1), v}
			return x, func() any { return x[1] }
		},
		"a list": func(v any) (any, func() any) {
			x := &pickle.List{Items: []any{v}}
			return x, func() any { return x.Items[0] }
		},
		"a dict": func(v any) (any, func() any) {
			x := pickle.NewDict("k", v)
			return x, func() any { y, _ := x.Get("k"); return y }
		},
		"arguments": func(v any) (any, func() any) {
			x := &pickle.Object{Args: pickle.Tuple{v}}
			return x, func() any { return x.Args.(pickle.Tuple)[0] }
		},
		"keywords": func(v any) (any, func() any) {
			x := &pickle.Object{Kwargs: pickle.NewDict("k", v)}
			return x, func() any { y, _ := x.Kwargs.Get("k"); return y }
		},
		"a state": func(v any) (any, func() any) {
			x := &pickle.Object{State: v, HasState: true}
			return x, func() any { return x.State }
		},
		"what is appended": func(v any) (any, func() any) {
			x := &pickle.Object{Items: []any{v}}
			return x, func() any { return x.Items[0] }
		},
		"what is set": func(v any) (any, func() any) {
			x := &pickle.Object{Pairs: []pickle.Pair{{Key: "k", Value: v}}}
			return x, func() any { return x.Pairs[0].Value }
		},
		"a container in one": func(v any) (any, func() any) {
			x := pickle.Tuple{v}
			return &pickle.List{Items: []any{pickle.NewDict("k", x)}}, func() any { return x[0] }
		},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			in, at := build(object("m", "C"))
			out, err := pickle.Replace(in, nil, named(&calls))
			require.NoError(t, err)
			if at == nil {
				assert.Equal(t, "seen", out)
				return
			}
			assert.Equal(t, in, out)
			assert.Equal(t, "seen", at())
		})
	}
}

func TestReplaceLooksAtWhatIsSharedOnce(t *testing.T) {
	calls := 0
	v := any(pickle.Tuple{object("m", "C")})
	for range 100 {
		v = pickle.Tuple{v, v}
	}
	_, err := pickle.Replace(v, nil, named(&calls))
	require.NoError(t, err)
	assert.Equal(t, 1, calls)
}

func TestReplaceEndsInWhatHoldsItself(t *testing.T) {
	l := &pickle.List{}
	o := &pickle.Object{State: l, HasState: true}
	l.Items = []any{l, o, pickle.Tuple{l, o}}
	calls := 0
	_, err := pickle.Replace(l, nil, named(&calls))
	require.NoError(t, err)
	assert.Equal(t, 1, calls)
}

func TestReplaceReachesAnyDepth(t *testing.T) {
	o := object("m", "C")
	at := &pickle.List{Items: []any{o}}
	v := any(at)
	for range 200_000 {
		v = pickle.Tuple{v}
	}
	calls := 0
	_, err := pickle.Replace(v, nil, named(&calls))
	require.NoError(t, err)
	assert.Equal(t, "seen", at.Items[0])
}

func TestOneObjectIsReplacedByOneValue(t *testing.T) {
	o := object("m", "C")
	l := &pickle.List{Items: []any{o, o, pickle.Tuple{o}}}
	made := 0
	_, err := pickle.Replace(l, nil, func(*pickle.Object) (any, bool, error) {
		made++
		return new(int), true, nil
	})
	require.NoError(t, err)
	assert.Equal(t, 1, made)
	assert.Same(t, l.Items[0], l.Items[1])
}

func TestReplaceEndsWithAnError(t *testing.T) {
	want := errors.New("no")
	_, err := pickle.Replace(pickle.Tuple{object("m", "C")}, nil, func(*pickle.Object) (any, bool, error) { return nil, false, want })
	require.ErrorIs(t, err, want)
	_, err = pickle.Replace(nestedList(1<<12), limit(100), named(new(int)))
	require.ErrorIs(t, err, errSpent)
}
