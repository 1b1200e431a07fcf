package managers

import "mpbridge/pickle"

// A client whose Python has no class of the name fails while it unpickles the reply, with an
// AttributeError that says nothing. And nothing on the wire says which Python a client is: 3.8 and
// 3.13 speak alike. So the reply has the class looked up where it is read,
//
//	queue.__dict__.get('ShutDown', EOFError)
//
// which every pickle since protocol 0 can say.

// substitute is what a Python gets that does not have a class.
type substitute struct {
	class pickle.Global
	text  string // its only argument, where there is none
}

// newClasses are the classes that not every Python has. The substitutes are their bases, so that who
// catches those catches both; but for queue.ShutDown: who catches its base alone, Exception, is
// helped by none, and who catches EOFError, as for a manager that is gone, stops as he should.
var newClasses = map[pickle.Global]substitute{
	{Module: "queue", Name: "ShutDown"}:               {builtinClass("EOFError"), "the queue was shut down"},
	{Module: "threading", Name: "BrokenBarrierError"}: {builtinClass("RuntimeError"), "the barrier is broken"},
	{Module: "decimal", Name: "FloatOperation"}:       {builtinClass("TypeError"), ""},
	builtinClass("ImportCycleError"):                  {builtinClass("ImportError"), ""},
	builtinClass("_IncompleteInputError"):             {builtinClass("SyntaxError"), ""},
	builtinClass("RecursionError"):                    {builtinClass("RuntimeError"), ""},
	builtinClass("PythonFinalizationError"):           {builtinClass("RuntimeError"), ""},
	builtinClass("BlockingIOError"):                   {builtinClass("OSError"), ""},
	builtinClass("StopAsyncIteration"):                {builtinClass("Exception"), ""},
	builtinClass("ExceptionGroup"):                    {builtinClass("Exception"), ""},
	builtinClass("BaseExceptionGroup"):                {builtinClass("BaseException"), ""},
	builtinClass("ResourceWarning"):                   {builtinClass("Warning"), ""},
	builtinClass("EncodingWarning"):                   {builtinClass("Warning"), ""},
}

func builtinClass(name string) pickle.Global { return pickle.Global{Module: "builtins", Name: name} }

// The names with which a class is looked up.
var (
	getattrFunction = builtinClass("getattr")
	partialClass    = pickle.Global{Module: "functools", Name: "partial"}
)

const moduleDict = "__dict__"

// loadable is what makes instances of a class in a pickle: the class, or the search for it. bare says
// that they have no arguments.
func loadable(class pickle.Global, bare bool) any {
	sub, ok := newClasses[class]
	if !ok {
		return class
	}
	var instead any = sub.class
	if bare && sub.text != "" {
		instead = called(partialClass, sub.class, pickle.ByteString(sub.text))
	}
	module := pickle.Global{Module: class.Module, Name: moduleDict}
	return called(called(getattrFunction, module, "get"), class.Name, instead)
}

func called(f any, args ...any) *pickle.Object {
	return &pickle.Object{Kind: pickle.Reduce, Class: f, Args: pickle.Tuple(args)}
}

// loaded returns the class that v, decoded, stands for: loadable backwards.
func loaded(v any) (pickle.Global, bool) {
	search, ok := v.(*pickle.Object)
	if !ok {
		class, ok := v.(pickle.Global)
		return class, ok
	}
	get, _ := search.Class.(*pickle.Object)
	of, _ := search.Args.(pickle.Tuple)
	if get == nil || get.Class != getattrFunction || len(of) != 2 {
		return pickle.Global{}, false
	}
	from, _ := get.Args.(pickle.Tuple)
	if len(from) != 2 || !isText(from[1], "get") {
		return pickle.Global{}, false
	}
	module, ok := from[0].(pickle.Global)
	name, isName := pickle.Text(of[0])
	return pickle.Global{Module: module.Module, Name: name}, ok && isName && module.Name == moduleDict
}

// isText tells whether a decoded value is a text.
func isText(v any, want string) bool {
	s, ok := pickle.Text(v)
	return ok && s == want
}
