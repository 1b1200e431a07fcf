package wire

import (
	"mpbridge/pickle"
)

// The kinds of reply: Lib/multiprocessing/managers.py, dispatch and convert_to_error.
const (
	KindReturn         = "#RETURN"
	KindError          = "#ERROR"
	KindProxy          = "#PROXY"
	KindTraceback      = "#TRACEBACK"
	KindUnserializable = "#UNSERIALIZABLE"
)

// LargeReply is the size of a value from which on it is written from where it lies, not copied.
const LargeReply = 32 << 10

// AppendReply appends the pickle of (kind, v) for a peer of dialect d, where v is a scalar or a short
// Raw. It returns false for anything else.
func AppendReply(dst []byte, kind string, v any, d pickle.Dialect) ([]byte, bool, error) {
	if r, ok := v.(pickle.Raw); ok {
		if r.Size() >= LargeReply {
			return dst, false, nil
		}
		dst, err := r.AppendTagged(dst, kind, d)
		return dst, true, err
	}
	if kind == KindTraceback || kind == KindUnserializable {
		return dst, false, nil
	}
	dst, ok := pickle.AppendTaggedScalar(dst, kind, v, d)
	return dst, ok, nil
}

// LayReply lays the pickle of (kind, v) out in parts, of which large ones are not copied.
func LayReply(kind string, v any, d pickle.Dialect, m pickle.Meter) ([][]byte, error) {
	switch v := v.(type) {
	case pickle.Raw:
		return v.Metered(m).TaggedBuffers(kind, d)
	case string:
		if kind == KindTraceback || kind == KindUnserializable {
			return d.Options().Buffers(pickle.Tuple{NativeText(kind, d), NativeText(v, d)})
		}
	}
	o := d.Options()
	o.Meter = m
	return o.Buffers(pickle.Tuple{NativeText(kind, d), v})
}

// NativeText returns text as the peer's native string: a Python 2 client asserts that the text of a
// #TRACEBACK is one.
func NativeText(text string, d pickle.Dialect) any {
	return d.Text(text)
}

// NativeTexts is nativeText for a tuple of names.
func NativeTexts(names []string, d pickle.Dialect) pickle.Tuple {
	out := make(pickle.Tuple, len(names))
	for i, n := range names {
		out[i] = NativeText(n, d)
	}
	return out
}

// Request lays out the pickle of (ident, method, args, kwds) for a server of dialect d. An empty ident
// is None. Large values are not copied.
func Request(d pickle.Dialect, ident, method string, args []any) ([][]byte, error) {
	args, kwargs := pickle.SplitKwargs(args)
	var id any
	if ident != "" {
		id = NativeText(ident, d)
	}
	pairs := make([]any, 0, 2*len(kwargs))
	for _, name := range kwargs.Names() {
		pairs = append(pairs, NativeText(name, d), kwargs[name])
	}
	return d.Options().Buffers(pickle.Tuple{
		id, NativeText(method, d), pickle.Tuple(args), pickle.NewDict(pairs...),
	})
}
