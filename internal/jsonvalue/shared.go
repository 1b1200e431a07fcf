package jsonvalue

import (
	"context"
	"math/big"
	"unsafe"

	"mpbridge/pickle"
)

// ident is what makes a value one Python object: where it lies in memory.
type ident struct {
	at   unsafe.Pointer
	size int
}

// minShared is how long a text must be to be worth a reference.
const minShared = 64

// identOf returns the identity of a value that is written once if it stands in several places.
func identOf(v any) (ident, bool) {
	switch v := v.(type) {
	case *pickle.List:
		return ident{at: unsafe.Pointer(v)}, true
	case *pickle.Dict:
		return ident{at: unsafe.Pointer(v)}, true
	case *pickle.Set:
		return ident{at: unsafe.Pointer(v)}, true
	case *pickle.FrozenSet:
		return ident{at: unsafe.Pointer(v)}, true
	case *pickle.Object:
		return ident{at: unsafe.Pointer(v)}, true
	case *pickle.ByteArray:
		return ident{at: unsafe.Pointer(v)}, true
	case *big.Int:
		return ident{at: unsafe.Pointer(v)}, v.BitLen() > 4*minShared
	case pickle.Tuple:
		return ident{unsafe.Pointer(unsafe.SliceData(v)), len(v)}, len(v) > 0
	case string:
		return ident{unsafe.Pointer(unsafe.StringData(v)), len(v)}, len(v) >= minShared
	case pickle.ByteString:
		return ident{unsafe.Pointer(unsafe.StringData(string(v))), len(v)}, len(v) >= minShared
	case []byte:
		return ident{unsafe.Pointer(unsafe.SliceData(v)), len(v)}, len(v) >= minShared
	}
	return ident{}, false
}

// shared finds the values that stand in several places, in the order in which they are written and in
// time in proportion to the value, whatever it shares.
func (w *Writer) shared(ctx context.Context, v any) (map[ident]bool, error) {
	f := finding{writing: writing{sink: &sink{ctx: ctx}, opts: w}, shared: make(map[ident]bool)}
	f.value(v)
	for len(f.deeper) > 0 && f.err == nil {
		v := f.deeper[len(f.deeper)-1]
		f.deeper = f.deeper[:len(f.deeper)-1]
		f.form(f.opts.form(v, false))
	}
	return f.shared, f.err
}

// finding walks through a value. shared has true for what was met again, false for what was met.
type finding struct {
	writing
	shared map[ident]bool
	steps  int
}

func (f *finding) value(v any) {
	if f.steps++; f.steps%flushSize == 0 {
		f.err = context.Cause(f.ctx)
	}
	if f.err != nil {
		return
	}
	if id, ok := identOf(v); ok {
		if _, met := f.shared[id]; met {
			f.shared[id] = true
			return
		}
		f.shared[id] = false
		if f.opts.Refs && f.depth > maxNesting-deepest {
			f.deeper = append(f.deeper, v)
			return
		}
	}
	if f.depth++; f.depth > maxNesting {
		f.err = ErrTooDeep
		return
	}
	f.form(f.opts.form(v, false))
	f.depth--
}

func (f *finding) form(form any) {
	switch v := form.(type) { // what is none of these has no parts
	case row:
		f.all(v)
	case keys:
		f.all(v)
	case record:
		for _, m := range v {
			f.value(m.Value)
		}
	case pairs:
		for _, p := range v {
			f.value(p.key)
			f.value(p.value)
		}
	case *pickle.Dict:
		for _, v := range v.All() {
			f.value(v)
		}
	}
}

func (f *finding) all(items []any) {
	for _, it := range items {
		if f.err != nil {
			return
		}
		f.value(it)
	}
}
