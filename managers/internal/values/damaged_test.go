package values_test

import (
	"context"
	"encoding/base64"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"mpbridge/internal/jsonvalue"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"

	"github.com/stretchr/testify/require"
)

// damages take away, or make odd, what the class of an object gives to it.
var damages = map[string]func(o *pickle.Object){
	"no state":          func(o *pickle.Object) { o.State, o.HasState = nil, false },
	"an empty state":    func(o *pickle.Object) { o.State = pickle.NewDict() },
	"slots of None":     func(o *pickle.Object) { o.State = pickle.Tuple{nil, nil} },
	"a list as state":   func(o *pickle.Object) { o.State = &pickle.List{Items: []any{int64(1)}} },
	"no arguments":      func(o *pickle.Object) { o.Args = pickle.Tuple{} },
	"arguments of None": func(o *pickle.Object) { o.Args = pickle.Tuple{nil, nil, nil, nil, nil, nil, nil, nil, nil} },
	"empty arguments": func(o *pickle.Object) {
		o.Args = pickle.Tuple{"", "", pickle.Tuple{}, &pickle.List{}, "", ""}
	},
	"arguments that are no tuple": func(o *pickle.Object) { o.Args = nil },
	"nothing":                     func(o *pickle.Object) { *o = pickle.Object{Kind: o.Kind, Class: o.Class} },
}

// damaged yields v with its nth object damaged, and whether it has so many.
func damaged(t *testing.T, data []byte, damage func(*pickle.Object), nth int) (v any, found bool) {
	t.Helper()
	require.NoError(t, pickle.Unmarshal(data, &v))
	n := 0
	v, err := pickle.Replace(v, nil, func(o *pickle.Object) (any, bool, error) {
		if n++; n-1 == nth {
			damage(o)
		}
		return nil, false, nil
	})
	require.NoError(t, err)
	return v, nth < n
}

// use does with v whatever the library does with values.
func use(v any, types []reflect.Type) {
	o := &pickle.DecodeOptions{Naive: time.UTC}
	for _, to := range types {
		_ = o.Assign(reflect.New(to).Interface(), v)
	}
	_, _ = pickle.Marshal(v)
	_, _ = values.Equal(v, v)
	_, _ = values.Compare(values.LT, v, v)
	_, _ = values.Iterate(v)
	_, _ = values.Repr(v, values.ReprStyle{})
	_, _ = values.Index(v, "list")
	_, _ = values.KeyFor(v, values.DictKey)
	_, _ = values.Mapping(v)
	_, _ = values.Float(v)
	_, _ = values.Whole(v)
	_, _ = values.Text(v)
	_, _ = values.Slice(v)
	values.Truth(v)
	for _, w := range []*jsonvalue.Writer{{}, {Plain: true}} {
		_ = w.Write(context.Background(), io.Discard, v)
	}
}

// The pickles are those of Pythons of every version; what a peer leaves out of one is an error at most.
func TestNoDamagedObjectIsMoreThanAnError(t *testing.T) {
	types := []reflect.Type{reflect.TypeFor[[]float64](), reflect.TypeFor[[]any](), reflect.TypeFor[string](),
		reflect.TypeFor[time.Time](), reflect.TypeFor[time.Duration](), reflect.TypeFor[int](),
		reflect.TypeFor[map[string]any](), reflect.TypeFor[[16]byte](), reflect.TypeFor[float64]()}
	for _, file := range []string{"../../../pickle/testdata/typed.txt", "testdata/pandas.txt"} {
		for _, data := range pickled(t, file) {
			damageEach(t, data, types)
		}
	}
}

// damageEach uses what a pickle says with each of its objects damaged in each way.
func damageEach(t *testing.T, data []byte, types []reflect.Type) {
	t.Helper()
	for how, damage := range damages {
		for nth := 0; ; nth++ {
			v, found := damaged(t, data, damage, nth)
			if !found {
				break
			}
			require.NotPanics(t, func() { use(v, types) }, "%q with %s at object %d", data, how, nth)
		}
	}
}

// pickled returns the pickles of a file that has one at the end of each line, each once.
func pickled(t *testing.T, file string) (all [][]byte) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		last := fields[len(fields)-1]
		if seen[last] {
			continue
		}
		seen[last] = true
		data, err := base64.StdEncoding.DecodeString(last)
		require.NoError(t, err)
		all = append(all, data)
	}
	return all
}
