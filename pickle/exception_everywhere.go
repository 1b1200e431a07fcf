package pickle

import (
	"bytes"
	"slices"
	"strings"
)

// This file writes exceptions so that every Python can load them. Whoever cannot load a message has lost
// what was in it, an item of a queue for example. Three things come between: a class that the reader does
// not have, one that has moved, and a class that checks the types of its arguments.

// lackedBy2 are the classes of exceptionBases that Python 2.7 does not have.
const lackedBy2 = `
BaseExceptionGroup BlockingIOError EncodingWarning ExceptionGroup ImportCycleError PythonFinalizationError
RecursionError ResourceWarning StopAsyncIteration _IncompleteInputError _lzma.LZMAError
asyncio.exceptions.BrokenBarrierError asyncio.exceptions.CancelledError
asyncio.exceptions.IncompleteReadError asyncio.exceptions.InvalidStateError
asyncio.exceptions.LimitOverrunError asyncio.exceptions.SendfileNotAvailableError
asyncio.exceptions.TimeoutError concurrent.futures._base.BrokenExecutor
concurrent.futures._base.CancelledError concurrent.futures._base.Error
concurrent.futures._base.InvalidStateError concurrent.futures._base.TimeoutError
concurrent.futures.process.BrokenProcessPool concurrent.futures.process._RemoteTraceback
concurrent.futures.thread.BrokenThreadPool configparser.DuplicateOptionError configparser.InvalidWriteError
configparser.MultilineContinuationError configparser.UnnamedSectionDisabledError decimal.FloatOperation
gzip.BadGzipFile http.client.RemoteDisconnected json.decoder.JSONDecodeError
multiprocessing.pool.RemoteTraceback queue.ShutDown shutil.ReadError shutil.RegistryError
shutil.SameFileError ssl.SSLCertVerificationError subprocess.SubprocessError subprocess.TimeoutExpired
tarfile.AbsoluteLinkError tarfile.AbsolutePathError tarfile.FilterError tarfile.LinkFallbackError
tarfile.LinkOutsideDestinationError tarfile.OutsideDestinationError tarfile.SpecialFileError
threading.BrokenBarrierError zoneinfo._common.ZoneInfoNotFoundError
`

// lackedBy3 are those that a Python 3 does not have, from 3.6 on, in a module that it has.
const lackedBy3 = `
BaseExceptionGroup EncodingWarning ExceptionGroup ImportCycleError PythonFinalizationError
_IncompleteInputError concurrent.futures._base.BrokenExecutor concurrent.futures._base.InvalidStateError
concurrent.futures.thread.BrokenThreadPool configparser.InvalidWriteError
configparser.MultilineContinuationError configparser.UnnamedSectionDisabledError gzip.BadGzipFile
queue.ShutDown ssl.SSLCertVerificationError tarfile.AbsoluteLinkError tarfile.AbsolutePathError
tarfile.FilterError tarfile.LinkFallbackError tarfile.LinkOutsideDestinationError
tarfile.OutsideDestinationError tarfile.SpecialFileError
`

// movedClasses are names that only some Pythons have for a class, and the one that all have.
var movedClasses = map[Global]Global{
	{"_queue", "Empty"}:        {"queue", "Empty"},
	{"re", "PatternError"}:     {"re", "error"},
	{"sre_constants", "error"}: {"re", "error"},
}

var (
	lacked2 = globalSet(lackedBy2)
	lacked3 = globalSet(lackedBy3)
	// rewrittenFrom2 and rewrittenFrom3 are modules, classes and functions by which a value is recognised
	// that a reader may not load as a Python 2, or a Python 3, has pickled it.
	rewrittenFrom2 = map[string]unlike{
		"UnicodeDecodeError": unlikeException, "sre_constants": unlikeException,
		"_load_type": unlikeDill, "_eval_repr": unlikeDill,
	}
	rewrittenFrom3 = map[string]unlike{
		"_queue": unlikeException, "PatternError": unlikeException, "sre_constants": unlikeException,
		"_load_type": unlikeDill, "_eval_repr": unlikeDill,
	}
)

func init() {
	for g := range lacked3 {
		rewrittenFrom3[g.Name] = unlikeException
	}
	for g := range lacked2 {
		canonicalForms[searchIn(g.Module)] = plainForm(searchForm(g.Module))
	}
	for name, kinds := range argumentKinds {
		if kinds == located {
			rewrittenFrom3[name] = unlikeException
		}
	}
}

func globalSet(words string) map[Global]bool {
	set := make(map[Global]bool)
	for word := range strings.FieldsSeq(words) {
		set[exceptionGlobal(word)] = true
	}
	return set
}

// nearest are classes for which another class than the first base is taken. Who catches the base of
// queue.ShutDown alone, Exception, is helped by none, and who catches EOFError, as for a manager that is
// gone, stops as he should.
var nearest = map[Global]Global{
	{"queue", "ShutDown"}:               {"builtins", "EOFError"},
	{"builtins", "ExceptionGroup"}:      exceptionClass,
	{"ssl", "SSLCertVerificationError"}: {"ssl", "SSLError"},
}

// fallback returns the class that Pythons get which lack g: the nearest base, so that who catches that one
// catches both.
func fallback(g Global, lacked map[Global]bool) Global {
	for lacked[g] {
		if base, ok := nearest[g]; ok {
			g = base
		} else {
			g = basesOf[g][0]
		}
	}
	return g
}

// searchIn is the function that searches a module for a name, the method of a dict:
//
//	queue.__dict__.get('ShutDown', EOFError)
//
// Every pickle since protocol 0 can say that. It is written because nothing on the wire tells 3.8 from
// 3.13.
func searchIn(module string) Global { return Global{module, "__dict__.get"} }

// searchForm reads the same: the name is meant, whoever has it.
func searchForm(module string) func(Tuple) (any, bool) {
	return func(args Tuple) (any, bool) {
		if len(args) != 2 || callee(args[1]) != nil {
			return nil, false
		}
		name, ok := asText(args[0])
		g := Global{module, name}
		return g, ok && lacked2[g]
	}
}

// everywhere writes a class that the reader may not have, or not by this name. It returns false for any
// other.
func (e *encoder) everywhere(g Global) (bool, error) {
	if to, ok := movedClasses[g]; ok {
		return true, e.newGlobal(to)
	}
	switch {
	case e.native && lacked2[g]:
		return true, e.newGlobal(fallback(g, lacked2))
	case e.native || !lacked3[g]:
		return false, nil
	}
	if err := e.enter(); err != nil {
		return true, err
	}
	err := e.call(searchIn(g.Module), Tuple{g.Name, fallback(g, lacked3)})
	e.depth--
	return true, err
}

// unlike says why a reader may not be able to load a value as it was pickled.
type unlike uint8

const (
	unlikeNever     unlike = iota
	unlikeDill             // it is spelled as only dill does: who has dill loads it
	unlikeException        // it names an exception that a Python 3 may not have, or not take
)

// differs looks for names by which a value is recognised that a Python 3 may not be able to load.
func (r Raw) differs() (worst unlike) {
	if r.flags&rawNames == 0 {
		return unlikeNever
	}
	known := rewrittenFrom3
	if r.proto <= 2 {
		known = rewrittenFrom2
	}
	code := r.ops()
	for pos := 0; pos < len(code); {
		op := Op(code[pos])
		end, err := argEnd(code, pos+1, steps[op].arg)
		if err != nil {
			return worst // it was scanned before, so that this cannot happen
		}
		switch op {
		case opGlobal, opInst:
			module, name, _ := bytes.Cut(code[pos+1:end-1], []byte("\n"))
			worst = max(worst, known[string(module)], known[string(name)])
		case opShortBinUnicode:
			worst = max(worst, known[string(code[pos+2:end])])
		case opBinUnicode:
			worst = max(worst, known[string(code[pos+5:end])])
		}
		pos = end
	}
	return worst
}

// argumentKinds are the classes of builtins that check the types of their arguments, with a letter for
// each argument: t is a str of the reader's own, u is Unicode text, b is bytes, and - takes anything.
//
// Source: Objects/exceptions.c, 2.7 to 3.15.
var argumentKinds = map[string]string{
	"UnicodeDecodeError": "tb--t", "UnicodeEncodeError": "tu--t", "UnicodeTranslateError": "u--t",
	"SyntaxError": located, "IndentationError": located, "TabError": located, "_IncompleteInputError": located,
}

// located are the arguments of a SyntaxError: text, (file, line, offset, text of the line, and from 3.10 on
// the line and the offset of the end).
const located = "-("

// loadable returns an exception as a reader's class takes it, which is o itself as a rule.
func loadable(o *Object, native bool) *Object {
	g, ok := o.Class.(Global)
	if !ok || o.Kind != Reduce || g.Module != "builtins" || o.Setter != nil {
		return o
	}
	kinds := argumentKinds[g.Name]
	args, _ := o.Args.(Tuple)
	if kinds == "" || len(args) != len(kinds) {
		return o
	}
	if kinds == located {
		return loadableAt(o, args)
	}
	typed := slices.Clone(args)
	for i, kind := range kinds {
		typed[i] = argumentOf(byte(kind), args[i], native)
	}
	out := *o
	out.Args = typed
	return &out
}

// argumentOf returns an argument as the type that kind asks for.
func argumentOf(kind byte, v any, native bool) any {
	switch v := v.(type) {
	case string:
		if kind == 't' && native {
			return ByteString(v)
		}
	case ByteString:
		switch {
		case kind == 'b':
			return []byte(v)
		case kind == 'u' || kind == 't' && !native:
			return textOfBytes(v)
		}
	case *ByteArray:
		if kind == 'b' && native {
			return v.Bytes
		}
	}
	return v
}

// textOfBytes is a str of Python 2 as text, whatever its encoding was.
func textOfBytes(s ByteString) string {
	if validText([]byte(s)) {
		return string(s)
	}
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

// ends are the attributes that Pythons before 3.10 do not take as arguments.
var ends = []string{"end_lineno", "end_offset"}

// loadableAt makes a SyntaxError with the place that all Pythons know, and gives it the rest as its state.
func loadableAt(o *Object, args Tuple) *Object {
	place, ok := args[1].(Tuple)
	state, isDict := o.State.(*Dict)
	if !ok || len(place) <= 4 || o.HasState && !isDict && o.State != nil {
		return o
	}
	whole := NewDict("args", args)
	for i, v := range place[4:min(len(place), 4+len(ends))] {
		_ = whole.Set(ends[i], v) // a string is hashable
	}
	if isDict {
		for k, v := range state.All() {
			_ = whole.Set(k, v)
		}
	}
	out := *o
	out.Args = Tuple{args[0], place[:4:4]}
	out.State, out.HasState = whole, true
	return &out
}
