package server

import (
	"errors"
	"slices"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// A client of Python makes a proxy of a result only where the proxy that it called has its manager, whose
// class knows the typeid: `for k in d` fails in a child process, for a proxy out of another object, and where
// the class is a BaseManager. An iterator that comes as a value, pickled as iter([...]), needs neither. It
// goes over the keys as they were, though, and a dict that changes its size meanwhile is no RuntimeError. So
// who is alone with a dict of his own gets a proxy, as from Python's server.

// Above these a client has to ask for each key: a reply is whole in the memory of both sides.
const (
	maxIteratorBytes = 64 << 20
)

// keysByValue returns an iterator over the keys as they are now, and false where it has to be an object of
// its own.
func (d *dict) keysByValue(c *Call) (any, bool, error) {
	if c.on == nil || c.session.serializer == managers.XMLRPC || !c.on.spread() || d.size() > c.server.iteratorKeys {
		return nil, false, nil
	}
	keys := d.cells()
	if !shortEnough(keys, min(maxIteratorBytes, c.server.limits.MaxMessage/2)) {
		return nil, false, nil
	}
	out, err := c.presentAll(keys)
	if errors.As(err, new(*values.BudgetError)) {
		return nil, false, nil
	}
	return byValue{listIterator(out)}, err == nil, err
}

// shortEnough reports whether cells take no more than so many bytes in a reply.
func shortEnough(cells []any, most int64) bool {
	const opcodes = 10
	n := int64(0)
	for _, cell := range cells {
		n += opcodes
		switch v := cell.(type) {
		case *storedValue:
			n += int64(v.raw.Size())
		case string:
			n += int64(len(v))
		case pickle.ByteString:
			n += int64(len(v))
		}
	}
	return n <= most
}

// listIterator is an iterator over the list.
func listIterator(l *pickle.List) any {
	return &pickle.Object{Kind: pickle.Reduce, Class: pickle.Global{Module: "builtins", Name: "iter"},
		Args: pickle.Tuple{l}}
}

// reversedIterator is an iterator over the list from its end. Python 2 cannot pickle its own: it gets
// one over the list turned round.
func reversedIterator(l *pickle.List, d pickle.Dialect) any {
	if d.NativeBytes {
		slices.Reverse(l.Items)
		return listIterator(l)
	}
	return &pickle.Object{Kind: pickle.Reduce, Class: pickle.Global{Module: "builtins", Name: "reversed"},
		Args: pickle.Tuple{l}, State: int64(len(l.Items) - 1), HasState: true}
}
