// Package testkeys has keys of dicts for benchmarks.
package testkeys

import "mpbridge/pickle"

// Keys returns a key of each kind that a dict is asked for, by what it is.
func Keys() map[string]any {
	call := func(module, name string, args ...any) *pickle.Object {
		return &pickle.Object{Class: pickle.Global{Module: module, Name: name}, Args: pickle.Tuple(args)}
	}
	return map[string]any{
		"str":       "a key of a dict",
		"int":       int64(12345),
		"float":     1.5,
		"bytes":     []byte("a key of a dict"),
		"tuple":     pickle.Tuple{"shard", int64(17)},
		"frozenset": pickle.NewFrozenSet("a", "b", int64(1)),
		"Decimal":   call("decimal", "Decimal", "12.50"),
		"datetime":  call("datetime", "datetime", []byte("\x07\xea\x0b\x15\x01\x02\x03\x00\x00\x04")),
		"path":      call("pathlib", "PosixPath", "/", "usr", "lib"),
		"object": &pickle.Object{
			Kind: pickle.NewObj, Class: pickle.Global{Module: "app", Name: "Point"}, Args: pickle.Tuple{},
			HasState: true, State: pickle.NewDict("x", int64(1), "y", 2.5),
		},
	}
}
