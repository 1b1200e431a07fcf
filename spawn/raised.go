package spawn

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"mpbridge/managers"
	"mpbridge/pickle"
)

// PanicError is what a panic of a function becomes: in Python a RuntimeError.
type PanicError struct {
	Value any
	Stack []byte // as runtime/debug has it

	frames []runtime.Frame // the same, the last call first
}

// Error shows what was said.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// guarded calls f; a panic is an error.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{p, debug.Stack(), callers()}
		}
	}()
	return f()
}

// maxFrames is how many calls a traceback shows.
const maxFrames = 32

// callers are the functions between the panic and what called the target.
func callers() (out []runtime.Frame) {
	pcs := make([]uintptr, 2*maxFrames)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for more := true; more && len(out) < maxFrames; {
		var f runtime.Frame
		f, more = frames.Next()
		if strings.HasPrefix(f.Function, "reflect.") {
			break
		}
		if f.Function != "" && !strings.HasPrefix(f.Function, "runtime.") {
			out = append(out, f)
		}
	}
	return out
}

// targetError is the error of a function, and where that is.
type targetError struct {
	f   *function
	err error
}

func (e *targetError) Error() string { return e.err.Error() }
func (e *targetError) Unwrap() error { return e.err }

func at(f *function, err error) error {
	if err == nil {
		return nil
	}
	return &targetError{f, err}
}

// exceptionOf is what an error is in Python: an exception as it is, any other a RuntimeError with its text.
func exceptionOf(err error) *managers.Exception {
	if exc := managers.AsException(err); exc != nil {
		return exc
	}
	return managers.ErrRuntimeError.New(err.Error())
}

// traceback is the text that stands for a traceback in Python, as the worker there formats it: the functions of Go by
// their names, and their files without folders.
func traceback(err error, exc *managers.Exception) string {
	var b strings.Builder
	b.WriteString("\n\"\"\"\nTraceback (most recent call last):\n")
	if t := (*targetError)(nil); errors.As(err, &t) {
		fn := runtime.FuncForPC(t.f.fn.Pointer())
		file, line := fn.FileLine(fn.Entry())
		writeFrame(&b, file, line, fn.Name())
	}
	if p := (*PanicError)(nil); errors.As(err, &p) {
		for i := len(p.frames) - 1; i >= 0; i-- {
			f := p.frames[i]
			writeFrame(&b, f.File, f.Line, f.Function)
		}
	}
	fmt.Fprintf(&b, "%s\n\"\"\"", exc.Error())
	return b.String()
}

func writeFrame(b *strings.Builder, file string, line int, function string) {
	function = function[strings.LastIndexByte(function, '/')+1:]
	fmt.Fprintf(b, "  File \"%s\", line %d, in %s\n", filepath.Base(file), line, function)
}

// raised is an exception as a worker sends it: with its traceback, by a function that puts that before its cause, where
// rebuild names one.
func raised(err error, rebuild pickle.Global) any {
	if sent := (*sentError)(nil); errors.As(err, &sent) {
		return sent.value
	}
	exc := exceptionOf(err)
	if rebuild == (pickle.Global{}) {
		return exc
	}
	return &pickle.Object{Kind: pickle.Reduce, Class: rebuild, Args: pickle.Tuple{exc, traceback(err, exc)}}
}

// sentError is an exception that came from Python and goes back as it is.
type sentError struct{ value any }

func (e *sentError) Error() string { return "an exception of the iterable" }
