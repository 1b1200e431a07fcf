package managers

import "mpbridge/pickle"

// The encoder writes a class that the reader's Python may not have as the search for it, with its base to
// take instead. An exception without arguments would then be one that says nothing; so the class to take
// instead gets its text here, which the class itself needs none of.

// instead is what a Python gets that does not have a class, where there are no arguments.
type instead struct{ class, text string }

var withText = map[pickle.Global]instead{
	{Module: "queue", Name: "ShutDown"}:               {"EOFError", "the queue was shut down"},
	{Module: "threading", Name: "BrokenBarrierError"}: {"RuntimeError", "the barrier is broken"},
}

func builtinClass(name string) pickle.Global { return pickle.Global{Module: "builtins", Name: name} }

// loadable is what makes instances of a class in a pickle. bare says that they have no arguments.
func loadable(class pickle.Global, bare bool) any {
	in, ok := withText[class]
	if !ok || !bare {
		return class
	}
	partial := called(pickle.Global{Module: "functools", Name: "partial"}, builtinClass(in.class), pickle.ByteString(in.text))
	return called(pickle.Global{Module: class.Module, Name: "__dict__.get"}, class.Name, partial)
}

func called(f any, args ...any) *pickle.Object {
	return &pickle.Object{Kind: pickle.Reduce, Class: f, Args: pickle.Tuple(args)}
}
