package values_test

import (
	"bytes"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// small are limits that make a fuzzer fast.
var small = &pickle.DecodeOptions{
	MaxItems: 1 << 12,
	MaxMemo:  1 << 10,
	MaxDepth: 1 << 8,
	MaxBytes: 1 << 14,
}

// seeds are values of each kind, in pairs of which some are equal.
func seeds() []any {
	nested := &pickle.List{}
	nested.Items = []any{nested}
	call := func(module, name string, args ...any) *pickle.Object {
		return &pickle.Object{
			Class: pickle.Global{Module: module, Name: name}, Args: pickle.Tuple(args)}
	}
	return []any{
		nil, true, int64(1), 1.5, new(big.Int).Lsh(big.NewInt(1), 70), complex(1, 2), "text",
		pickle.ByteString("text"), []byte("bytes"), &pickle.ByteArray{Bytes: []byte("bytes")},
		pickle.Tuple{int64(1), "x"}, &pickle.List{Items: []any{int64(1), "x"}}, nested,
		pickle.NewDict("a", int64(1)), pickle.NewSet(int64(1)), pickle.NewFrozenSet(int64(1)),
		pickle.Slice{Start: int64(1)}, pickle.Ellipsis{}, pickle.NotImplemented{},
		pickle.Range{Start: int64(0), Stop: int64(9), Step: int64(2)},
		pickle.Global{Module: "builtins", Name: "len"},
		call("decimal", "Decimal", "1.50"), call("decimal", "Decimal", "sNaN"),
		call("fractions", "Fraction", "3/2"), call("datetime", "timedelta", int64(1), int64(2), int64(3)),
		call("datetime", "datetime", []byte("\x07\xea\x0b\x15\x01\x02\x03\x00\x00\x04")),
		call("collections", "Counter", pickle.NewDict("a", int64(1))),
		call("collections", "OrderedDict"), call("collections", "deque", pickle.Tuple{}, int64(3)),
		call("array", "array", "i", &pickle.List{Items: []any{int64(1)}}),
		call("array", "_array_reconstructor",
			pickle.Global{Module: "array", Name: "array"}, "i", int64(8), []byte("\x01\x00\x00\x00")),
		call("builtins", "ValueError", "x"), call("pathlib", "PosixPath", "/", "a"),
		call("builtins", "iter", &pickle.List{Items: []any{int64(1)}}),
		call("http", "HTTPStatus", int64(200)), call("re", "RegexFlag", int64(10)), pickle.Global{Module: "signal", Name: "SIGINT"},
		newObj("app", "Point", nil, int64(1), "a"), newObj("app", "Item", pickle.NewDict("name", "a")),
		newObj("difflib", "Match", nil, int64(1), int64(2), int64(3)),
		call("zoneinfo", "ZoneInfo", "Europe/Berlin"), numpyOf("f8", make([]byte, 48), 2, 3), numpyOf("f2", make([]byte, 4), 2),
		numpyOf("c8", make([]byte, 8)), numpyOf("U1", make([]byte, 4), 1), numpyOf("M8", make([]byte, 16), 2),
		madeWith("collections", "UserDict", "data", pickle.NewDict("a", int64(1))),
		madeWith("collections", "ChainMap", "maps", list(pickle.NewDict("a", int64(1)))),
		ndarray(pickle.Tuple{int64(2), int64(2)}, "i1", "abcd"),
		series(index(ndarray(pickle.Tuple{int64(2)}, "i1", "ab")), ndarray(pickle.Tuple{int64(2)}, "f2", "abcd")),
	}
}

// FuzzValues holds the relations between the functions, for any two values.
func FuzzValues(f *testing.F) {
	var docs [][]byte
	for _, v := range seeds() {
		doc, err := pickle.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		docs = append(docs, doc)
	}
	for i := range docs {
		f.Add(docs[i], docs[(i+1)%len(docs)])
		f.Add(docs[i], docs[i])
	}
	f.Fuzz(func(t *testing.T, left, right []byte) {
		var a, b any
		if small.Unmarshal(left, &a) != nil || small.Unmarshal(right, &b) != nil {
			return
		}
		checkOne(t, a)
		checkOne(t, b)
		// A range may have millions of elements.
		for doc, v := range map[*[]byte]any{&left: a, &right: b} {
			if !bytes.Contains(*doc, []byte("range")) {
				_, err := values.Iterate(v)
				allow(t, err, "TypeError", "MemoryError")
				_, err = (*values.Budget)(nil).Numbers(v)
				allow(t, err, "TypeError", "MemoryError")
				_, _, err = (*values.Budget)(nil).KeyedItems(v)
				allow(t, err, "TypeError", "MemoryError")
			}
		}
		checkPair(t, a, b)
		checkSort(t, []any{a, b, a, b, b})
	})
}

// checkOne asks everything of one value.
func checkOne(t *testing.T, v any) {
	t.Helper()
	values.Truth(v)
	const limit = 1 << 16
	text, err := values.ReprUpTo(v, values.ReprStyle{Python2: len(values.TypeName(v))%2 == 0}, limit)
	if len(text) > 10*limit {
		t.Fatalf("a repr of %d bytes", len(text))
	}
	allow(t, err, "MemoryError", "RecursionError", "ValueError")
	same, err := values.Equal(v, v)
	allow(t, err, "RecursionError", "decimal.InvalidOperation")
	if err == nil && !same && !strings.Contains(strings.ToLower(text), "nan") {
		t.Fatalf("%s is not itself", text)
	}
	_, err = values.Index(v, "list")
	allow(t, err, "TypeError", "IndexError")
	_, err = values.Ssize(v)
	allow(t, err, "TypeError", "OverflowError")
	checkSlice(t, v)
}

// checkSlice takes a value for the parts of a slice.
func checkSlice(t *testing.T, v any) {
	t.Helper()
	const n = 7
	for _, s := range []pickle.Slice{{Start: v}, {Stop: v}, {Step: v}, {Start: v, Stop: v, Step: v}} {
		start, _, step, count, err := values.SliceIndices(s, n)
		allow(t, err, "TypeError", "ValueError")
		last := start + (count-1)*step
		if count > 0 && (start < 0 || start >= n || last < 0 || last >= n) {
			t.Fatalf("%v leaves the sequence: %d from %d in steps of %d", s, count, start, step)
		}
	}
}

// checkPair compares in both directions.
func checkPair(t *testing.T, a, b any) {
	t.Helper()
	ab, err := values.Equal(a, b)
	allow(t, err, "RecursionError", "TypeError", "decimal.InvalidOperation")
	ba, err2 := values.Equal(b, a)
	allow(t, err2, "RecursionError", "TypeError", "decimal.InvalidOperation")
	if err == nil && err2 == nil && ab != ba {
		t.Fatalf("%#v == %#v is %t, the reverse %t", a, b, ab, ba)
	}
	k, err3 := values.KeyFor(a, values.Hash)
	allow(t, err3, "RecursionError", "TypeError", "MemoryError")
	l, err4 := values.KeyFor(b, values.Hash)
	allow(t, err4, "RecursionError", "TypeError", "MemoryError")
	if err == nil && err2 == nil && err3 == nil && err4 == nil && ab != (k == l) {
		t.Fatalf("%#v == %#v is %t, of their keys %t", a, b, ab, k == l)
	}
	if err3 == nil && err4 == nil {
		checkDict(t, a, b, k == l)
	}
	for op := values.LT; op <= values.GE; op++ {
		_, err := values.Compare(op, a, b)
		allow(t, err, "RecursionError", "TypeError", "decimal.InvalidOperation")
	}
}

// checkDict holds a pickle.Dict to what a shared dict says of two keys.
func checkDict(t *testing.T, a, b any, same bool) {
	t.Helper()
	d := new(pickle.Dict)
	if d.Set(a, nil) != nil {
		return // it nests too deep
	}
	_, found := d.Get(b)
	if found == same || identical(a, b) {
		return
	}
	// What has too much content is known by its identity.
	_, err := pickle.KeyOf(a, pickle.KeyOptions{MaxBytes: 4 << 10})
	_, err2 := pickle.KeyOf(b, pickle.KeyOptions{MaxBytes: 4 << 10})
	if found || err == nil && err2 == nil {
		t.Fatalf("%#v and %#v are one key of a pickle.Dict: %t, of a shared one: %t", a, b, found, same)
	}
}

// identical tells whether two values are one object, which stands alone where its content is too much.
func identical(a, b any) bool {
	x, ok := a.(*pickle.Object)
	return ok && any(x) == b
}

func checkSort(t *testing.T, items []any) {
	t.Helper()
	for _, reverse := range []bool{false, true} {
		order, err := values.SortedPermutation(items, reverse)
		allow(t, err, "RecursionError", "TypeError", "decimal.InvalidOperation")
		if err != nil {
			continue
		}
		slices.Sort(order)
		for i := range items {
			if order[i] != i {
				t.Fatalf("%v is no permutation", order)
			}
		}
	}
}

// allow fails the test unless the error is an exception of one of the classes.
func allow(t *testing.T, err error, classes ...string) {
	t.Helper()
	var exc *values.Error
	if errors.As(err, new(*values.BudgetError)) {
		return
	}
	if err != nil && (!errors.As(err, &exc) || !slices.Contains(classes, exc.Class)) {
		t.Fatalf("%v is none of %v", err, classes)
	}
}
