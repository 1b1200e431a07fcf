package pickle

import (
	"fmt"
	"strings"
)

// ExceptionText is an exception with these arguments as the last line of a Python traceback shows it:
// classes of builtins without their module.
func ExceptionText(class Global, args []any) string {
	name := class.Name
	if class.Module != "builtins" {
		name = class.Module + "." + name
	}
	if len(args) == 0 {
		return name
	}
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = fmt.Sprint(a)
	}
	return name + ": " + strings.Join(parts, ", ")
}

// An ExceptionClasser is an error that stands for a class of Python exceptions: errors.Is of an error that a
// Python exception is, with one of them as the target, is what isinstance is in Python.
type ExceptionClasser interface {
	error
	ExceptionClass() Global
}

// ExceptionIs tells whether an exception of a class, with these arguments, is an instance of base: of that
// class or one that derives from it, by any of the names that Pythons have for them.
//
// It knows the classes of builtins of all supported versions, and those of much of the standard library.
// Where Python 2 and 3 differ it says what 3 does: IOError and EnvironmentError are OSError, and an OSError
// whose first argument is the errno of FileNotFoundError is one. A pickle does not say from what other
// classes derive: of those it knows that they are an Exception, for nothing else travels.
func ExceptionIs(class Global, args []any, base Global) bool {
	class, base = ExceptionName(class), ExceptionName(base)
	if class == osError {
		class = byErrno(args)
	}
	bases, known := basesOf[class]
	switch {
	case class == base:
		return true
	case !known && class != baseException:
		return base == exceptionClass || base == baseException
	}
	for _, b := range bases { // the table has no circles
		if ExceptionIs(b, nil, base) {
			return true
		}
	}
	return false
}

var (
	baseException  = Global{"builtins", "BaseException"}
	exceptionClass = Global{"builtins", "Exception"}
	osError        = Global{"builtins", "OSError"}
)

// otherNames are classes that are known by more than one name.
var otherNames = map[Global]Global{
	{"builtins", "EnvironmentError"}: osError, {"builtins", "IOError"}: osError,
	{"builtins", "WindowsError"}: osError, {"builtins", "StandardError"}: exceptionClass,
	{"socket", "error"}: osError, {"select", "error"}: osError, {"mmap", "error"}: osError,
	{"thread", "error"}: {"builtins", "RuntimeError"}, {"_thread", "error"}: {"builtins", "RuntimeError"},
	{"zipfile", "BadZipfile"}: {"zipfile", "BadZipFile"},
	{"re", "error"}:           {"re", "PatternError"}, {"sre_constants", "error"}: {"re", "PatternError"},
}

// otherModules are modules that pickles name instead of those where programs import a class from.
var otherModules = map[string]string{
	"exceptions": "builtins", "_queue": "queue", "_pickle": "pickle", "cPickle": "pickle", "_csv": "csv", "_lzma": "lzma",
	"multiprocessing": "multiprocessing.context", "_socket": "socket", "__builtin__": "builtins",
	"multiprocess.context": "multiprocessing.context", "multiprocess.managers": "multiprocessing.managers",
	"multiprocess.pool": "multiprocessing.pool", "billiard.exceptions": "multiprocessing.context",
	"billiard.managers": "multiprocessing.managers", "billiard.pool": "multiprocessing.pool",
}

// ExceptionName returns the one of several names of a class of exceptions: CPython pickles queue.Empty by the
// module that defines it in C, and multiprocessing's by the module that they came from.
func ExceptionName(g Global) Global {
	if module, ok := otherModules[g.Module]; ok {
		g.Module = module
	}
	if other, ok := otherNames[g]; ok {
		return other
	}
	return g
}

// errnoClasses are what Python 3 makes of an OSError by its errno, where Linux and others agree on the
// number, and else by Linux's.
//
// Source: Objects/exceptions.c, ADD_ERRNO; errno(3).
var errnoClasses = map[int64]string{
	1: "PermissionError", 13: "PermissionError", 2: "FileNotFoundError", 3: "ProcessLookupError",
	4: "InterruptedError", 10: "ChildProcessError", 11: "BlockingIOError", 17: "FileExistsError",
	20: "NotADirectoryError", 21: "IsADirectoryError", 32: "BrokenPipeError", 108: "BrokenPipeError",
	103: "ConnectionAbortedError", 104: "ConnectionResetError", 110: "TimeoutError",
	111: "ConnectionRefusedError", 114: "BlockingIOError", 115: "BlockingIOError",
}

// byErrno is the class of an OSError(errno, text).
func byErrno(args []any) Global {
	if len(args) >= 2 {
		if n, ok := args[0].(int64); ok && errnoClasses[n] != "" {
			return Global{"builtins", errnoClasses[n]}
		}
	}
	return osError
}

// basesOf is exceptionBases by the deriving classes.
var basesOf = func() map[Global][]Global {
	of := make(map[Global][]Global)
	var base Global
	for word := range strings.FieldsSeq(exceptionBases) {
		if name, isBase := strings.CutSuffix(word, ":"); isBase {
			base = exceptionGlobal(name)
			continue
		}
		if g := exceptionGlobal(word); g != base {
			of[g] = append(of[g], base)
		}
	}
	return of
}()

func exceptionGlobal(name string) Global {
	module, class := "builtins", name
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		module, class = name[:i], name[i+1:]
	}
	return ExceptionName(Global{module, class})
}
