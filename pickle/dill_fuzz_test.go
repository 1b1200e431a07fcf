package pickle_test

import (
	"fmt"
	"slices"
	"testing"

	"mpbridge/pickle"
)

// FuzzDillRange reads the text of a range as dill writes it. What is taken is the text that Python shows of the
// result, so that nothing else is.
func FuzzDillRange(f *testing.F) {
	for _, text := range []string{
		"range(0, 5)", "range(1, 9, -2)", "xrange(5)", "range(0, -100000000000000000000)", "range(0, 5, 0)", "range()",
		"range(0,5)", "range(+1, 2)", "range(1_0, 2)", "range(-0, 1)", "range(0x1, 2)", "range(0, 5))", "xxrange(1)",
		"Ellipsis", "NotImplemented", "range(0, 1); exit()", "range(00, 1)",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var v any
		data, err := pickle.Marshal(dill("_eval_repr", text))
		if err != nil {
			return
		}
		if pickle.Unmarshal(data, &v) != nil {
			return
		}
		r, ok := v.(pickle.Range)
		if !ok {
			return
		}
		if r.Step == int64(0) {
			t.Fatalf("%q: a step of 0", text)
		}
		if !slices.Contains(spellings(r), text) {
			t.Fatalf("%q was taken for %v", text, r)
		}
	})
}

// spellings are the texts of a range.
func spellings(r pickle.Range) (all []string) {
	for _, name := range []string{"range", "xrange"} {
		all = append(all, fmt.Sprintf("%s(%v, %v, %v)", name, r.Start, r.Stop, r.Step))
		if r.Step == int64(1) {
			all = append(all, fmt.Sprintf("%s(%v, %v)", name, r.Start, r.Stop))
		}
		if r.Start == int64(0) && r.Step == int64(1) {
			all = append(all, fmt.Sprintf("%s(%v)", name, r.Stop))
		}
	}
	return all
}
