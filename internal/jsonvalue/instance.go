package jsonvalue

import (
	"slices"
	"strings"

	"mpbridge/pickle"
)

// objectForm writes an object: in a form of its own where it has one, else how its pickle makes it.
func (w *Writer) objectForm(o *pickle.Object) any {
	if w.Whole && !w.showsAll(o) {
		return instanceForm(o)
	}
	for _, form := range []func(*Writer, *pickle.Object) any{
		(*Writer).timeForm, (*Writer).textForm, (*Writer).numpyForm,
	} {
		if f := form(w, o); f != nil {
			return f
		}
	}
	if w.Plain {
		if f := plainObject(o); f != nil {
			return f
		}
	}
	return instanceForm(o)
}

func instanceForm(o *pickle.Object) record {
	out := classed(className(o))
	if _, named := o.Class.(pickle.Global); !named && o.Class != nil {
		out = append(out, Member{"callable", o.Class})
	}
	switch o.Kind {
	case pickle.NewObj, pickle.NewObjEx:
		out = append(out, Member{"new", true})
	case pickle.OldInstance:
		out = append(out, Member{"old", true})
	}
	if args, ok := o.Args.(pickle.Tuple); ok {
		out = append(out, Member{"args", row(args)})
	} else {
		out = append(out, Member{"args", o.Args})
	}
	if o.Kwargs != nil {
		out = append(out, Member{"kwargs", o.Kwargs})
	}
	if o.HasState {
		out = append(out, Member{"state", o.State})
	}
	if o.Setter != nil {
		out = append(out, Member{"setter", o.Setter})
	}
	if len(o.Items) > 0 {
		out = append(out, Member{"items", row(o.Items)})
	}
	if len(o.Pairs) > 0 {
		ps := make(pairs, len(o.Pairs))
		for i, p := range o.Pairs {
			ps[i] = keyValue{p.Key, p.Value}
		}
		out = append(out, Member{"pairs", ps})
	}
	return out
}

func className(o *pickle.Object) string {
	switch o.Kind {
	case pickle.PersistentID:
		return "persistent id"
	case pickle.Extension:
		return "extension"
	}
	if g, ok := o.Class.(pickle.Global); ok {
		return g.String()
	}
	return "object"
}

// plainObject shows containers of collections as what they contain, and exceptions as their last line.
func plainObject(o *pickle.Object) any {
	g, _ := o.Class.(pickle.Global)
	args, _ := o.Args.(pickle.Tuple)
	switch {
	case g.Module == "collections" && (g.Name == "OrderedDict" || g.Name == "defaultdict"):
		d := pickle.NewDict()
		for _, p := range o.Pairs {
			if d.Set(p.Key, p.Value) != nil {
				return nil
			}
		}
		return d
	case g.String() == "collections.Counter" && len(args) == 1:
		if d, ok := args[0].(*pickle.Dict); ok {
			return d
		}
	case g.String() == "collections.deque":
		return row(o.Items)
	case isException(g):
		return pickle.ExceptionText(g, args)
	}
	return nil
}

// instance makes an object as its pickle says.
func (b *builder) instance(m *members) (any, error) {
	g, err := b.global(m.class, callable)
	if err != nil {
		return nil, err
	}
	o := &pickle.Object{Kind: pickle.Reduce, Class: g, Args: pickle.Tuple{}}
	b.begun(o)
	if m.take("new") == true {
		o.Kind = pickle.NewObj
	} else if m.take("old") == true {
		o.Kind = pickle.OldInstance
	}
	if m.has("args") {
		args, err := m.array("args")
		if err != nil {
			return nil, err
		}
		t := make(pickle.Tuple, len(args))
		o.Args = t
		if err := b.fill(t, args, false); err != nil {
			return nil, err
		}
	}
	return o, b.content(m, o)
}

// content makes what an object has besides its arguments.
func (b *builder) content(m *members, o *pickle.Object) error {
	if m.has("kwargs") {
		v, err := b.value(m.take("kwargs"), false)
		d, ok := v.(*pickle.Dict)
		if err != nil || !ok || o.Kind != pickle.NewObj {
			return m.wrong("kwargs", "an object, beside \"new\"")
		}
		o.Kind, o.Kwargs = pickle.NewObjEx, d
	}
	if m.has("state") {
		v, err := b.value(m.take("state"), false)
		if err != nil {
			return err
		}
		o.State, o.HasState = v, true
	}
	if m.has("items") {
		items, err := m.array("items")
		if err != nil {
			return err
		}
		o.Items = make([]any, len(items))
		if err := b.fill(o.Items, items, false); err != nil {
			return err
		}
	}
	if m.has("pairs") {
		items, err := m.array("pairs")
		if err != nil {
			return err
		}
		return b.pairs(m, items, func(k, v any) error {
			o.Pairs = append(o.Pairs, pickle.Pair{Key: k, Value: v})
			return nil
		})
	}
	return nil
}

func (b *builder) globalValue(m *members) (any, error) {
	name, err := m.text("name")
	if err != nil {
		return nil, err
	}
	return b.global(name, nameable)
}

// global reads the name of a class or function that JSON may name for a use.
func (b *builder) global(name string, allowed func(pickle.Global) bool) (g pickle.Global, err error) {
	module, rest, ok := splitGlobal(name)
	g = pickle.Global{Module: module, Name: rest}
	if !ok || !allowed(g) && !b.opts.allows(g) {
		return g, wrong("%.100q is not among the classes that are read from JSON; --class allows it", name)
	}
	return g, nil
}

// splitGlobal takes module and name apart.
func splitGlobal(text string) (module, name string, ok bool) {
	i := strings.LastIndexByte(text, '.')
	if i <= 0 {
		return "", "", false
	}
	return text[:i], text[i+1:], text[i+1:] != ""
}

// callable tells whether a class does nothing when it is called but make a value, which takes no more
// memory than its JSON.
func callable(g pickle.Global) bool {
	return isException(g) || slices.Contains(callableNames[g.Module], g.Name)
}

var callableNames = map[string][]string{
	"array":       {"array", "_array_reconstructor"},
	"collections": {"Counter", "OrderedDict", "defaultdict", "deque"},
	"datetime":    {"date", "datetime", "time", "timedelta", "timezone"},
	"decimal":     {"Decimal"},
	"fractions":   {"Fraction"},
	"pathlib":     pathNames,
	"queue":       {"Empty", "Full", "ShutDown"},
	"uuid":        {"UUID"},
	"multiprocessing.context": {
		"AuthenticationError", "BufferTooShort", "ProcessError", "TimeoutError",
	},
}

// nameable tells whether a class may stand as a value: whoever reads it may call it, say as the factory of
// a defaultdict.
func nameable(g pickle.Global) bool {
	return callable(g) || g.Module == "builtins" && slices.Contains(typeNames, g.Name)
}

var typeNames = strings.Fields("bool bytearray bytes complex dict float frozenset int list object set str tuple")

// isException knows the exceptions of Python's builtins, all versions.
func isException(g pickle.Global) bool {
	return g.Module == "builtins" && slices.Contains(exceptionNames, g.Name)
}

var exceptionNames = strings.Fields(`
	ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError
	BrokenPipeError BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError
	ConnectionRefusedError ConnectionResetError DeprecationWarning EOFError EncodingWarning
	EnvironmentError Exception ExceptionGroup FileExistsError FileNotFoundError FloatingPointError
	FutureWarning GeneratorExit IOError ImportError ImportWarning IndentationError IndexError
	InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError
	ModuleNotFoundError NameError NotADirectoryError NotImplementedError OSError OverflowError
	PendingDeprecationWarning PermissionError ProcessLookupError PythonFinalizationError RecursionError
	ReferenceError ResourceWarning RuntimeError RuntimeWarning StandardError StopAsyncIteration
	StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError TypeError
	UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError
	UnicodeWarning UserWarning ValueError Warning ZeroDivisionError`)
