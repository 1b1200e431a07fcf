package pool

import (
	"fmt"
	"strings"

	"mpbridge/pickle"
)

// FunctionError says that a value names no function.
type FunctionError struct{ Func string }

// Error shows it.
func (e *FunctionError) Error() string {
	return fmt.Sprintf("pool: %s is not the name of a function: want \"package.module:name\"", e.Func)
}

// function is what tasks call: its name for people, and what goes into their pickles.
type function struct {
	name  string
	value any // pickle.Global or pickle.Raw
}

// CheckFunction returns a *FunctionError unless name is of the form "package.module:name". Whether there is
// such a function is for the workers to find out.
func CheckFunction(name string) error {
	_, err := parseFunction(name)
	return err
}

// parseFunction takes "package.module:name", a pickle.Global, or a pickle.Raw of anything callable.
func parseFunction(fn any) (function, error) {
	switch fn := fn.(type) {
	case string:
		module, name, _ := strings.Cut(fn, ":")
		if !dotted(module) || !dotted(name) {
			return function{}, &FunctionError{fmt.Sprintf("%.100q", fn)}
		}
		return function{fn, pickle.Global{Module: module, Name: name}}, nil
	case pickle.Global:
		return function{fn.Module + ":" + fn.Name, fn}, nil
	case pickle.Raw:
		return function{rawName(fn), fn}, nil
	}
	return function{}, &FunctionError{fmt.Sprintf("a %T", fn)}
}

// rawName is the name of a pickled function; of other callables that they are pickled.
func rawName(r pickle.Raw) string {
	const longest = 1 << 10 // a name is shorter, and reading more would take time
	if r.Size() <= longest {
		if v, err := r.Any(); err == nil {
			if g, ok := v.(pickle.Global); ok {
				return g.Module + ":" + g.Name
			}
		}
	}
	return "a pickled callable"
}

// dotted tells whether s is names joined by dots. Python allows letters of any script in them, so
// only what cannot be a part of one is refused.
func dotted(s string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || strings.ContainsAny(part, " \t\r\n\x00:/\\\"'()[]{}") {
			return false
		}
	}
	return true
}
