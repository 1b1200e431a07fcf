// Package values does with values what Python does with them: truth, equality, order, hash keys, repr, slices,
// iteration and sorting, over the lossless graph of package pickle.
//
// What a client has sent is looked at within a [Budget], whose methods are named as the functions are:
//
//	b := values.NewBudget(limits, ctx.Err, pool)
//	defer b.Close()
//	items, err := b.Iterate(argument) // list(argument), or the TypeError
//	if err != nil {
//		return err
//	}
//	for _, v := range items {
//		key, err := b.KeyFor(v, values.DictKey) // equal keys are equal values of Go
//		…
//	}
//
// Errors that Python would raise are an [*Error], and a budget that is spent is a [*BudgetError].
//
// The semantics are those of CPython 3.15, the texts of errors included. What Python decides by
// running a class's own code is decided here for the classes of its standard library that are
// commonly pickled (numbers, dates, containers, exceptions, paths); any other object is
// true, equal to an object of equal content, and has the order of what its pickle shows: see
// ordered.go.
//
// Two things differ because values come from pickles. An argument is never the same object as a
// stored value, so that a NaN is never found; within one value a container is itself, as in Python.
// And a str of Python 2 (pickle.ByteString) equals the str of Python 3 with the same ASCII text.
//
// # Hostile values
//
// No function recurses deeper than maxDepth, where Python raises RecursionError too. Repr and
// KeyFor take bounded memory: beyond it they return a MemoryError. Equality takes time in proportion
// to the values although they may share parts; order takes what Python takes.
//
// # Concurrency
//
// Functions may be called from any goroutine as long as none changes the values.
package values
