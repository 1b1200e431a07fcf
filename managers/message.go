package managers

import (
	"mpbridge/pickle"
)

// The kinds of reply: Lib/multiprocessing/managers.py, dispatch and convert_to_error.
const (
	kindReturn         = "#RETURN"
	kindError          = "#ERROR"
	kindProxy          = "#PROXY"
	kindTraceback      = "#TRACEBACK"
	kindUnserializable = "#UNSERIALIZABLE"
)

// largeReply is the size of a value from which on it is written from where it lies, not copied.
const largeReply = 32 << 10

// appendReply appends the pickle of (kind, v) for a peer of dialect d, where v is a scalar or a short
// Raw. It returns false for anything else.
func appendReply(dst []byte, kind string, v any, d pickle.Dialect) ([]byte, bool, error) {
	if r, ok := v.(pickle.Raw); ok {
		if r.Size() >= largeReply {
			return dst, false, nil
		}
		dst, err := r.AppendTagged(dst, kind, d)
		return dst, true, err
	}
	if kind == kindTraceback || kind == kindUnserializable {
		return dst, false, nil
	}
	dst, ok := pickle.AppendTaggedScalar(dst, kind, v, d)
	return dst, ok, nil
}

// layReply lays the pickle of (kind, v) out in parts, of which large ones are not copied.
func layReply(kind string, v any, d pickle.Dialect, m pickle.Meter) ([][]byte, error) {
	switch v := v.(type) {
	case pickle.Raw:
		return v.Metered(m).TaggedBuffers(kind, d)
	case string:
		if kind == kindTraceback || kind == kindUnserializable {
			return d.Options().Buffers(pickle.Tuple{nativeText(kind, d), nativeText(v, d)})
		}
	}
	o := d.Options()
	o.Meter = m
	return o.Buffers(pickle.Tuple{nativeText(kind, d), v})
}

// nativeText returns text as the peer's native string: a Python 2 client asserts that the text of a
// #TRACEBACK is one.
func nativeText(text string, d pickle.Dialect) any {
	return d.Text(text)
}

// nativeTexts is nativeText for a tuple of names.
func nativeTexts(names []string, d pickle.Dialect) pickle.Tuple {
	out := make(pickle.Tuple, len(names))
	for i, n := range names {
		out[i] = nativeText(n, d)
	}
	return out
}

// request lays out the pickle of (ident, method, args, kwds) for a server of dialect d. An empty ident
// is None. Large values are not copied.
func request(d pickle.Dialect, ident, method string, args []any) ([][]byte, error) {
	args, kwargs := splitKwargs(args)
	var id any
	if ident != "" {
		id = nativeText(ident, d)
	}
	pairs := make([]any, 0, 2*len(kwargs))
	for _, name := range kwargs.names() {
		pairs = append(pairs, nativeText(name, d), kwargs[name])
	}
	return d.Options().Buffers(pickle.Tuple{
		id, nativeText(method, d), pickle.Tuple(args), pickle.NewDict(pairs...),
	})
}

// splitKwargs takes the keyword arguments off the end of a call's arguments.
func splitKwargs(args []any) ([]any, Kwargs) {
	if n := len(args); n > 0 {
		if k, ok := args[n-1].(Kwargs); ok {
			return args[:n-1], k
		}
	}
	return args, nil
}
