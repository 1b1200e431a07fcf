package server

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"mpbridge/internal/pyfunc"
	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/managers/internal/waits"
	"mpbridge/pickle"
)

// function is a method or a constructor that clients call.
type function struct {
	name   string // as messages show it: "Calculator.add"
	goName string // of a method

	injected []reflect.Type // contexts and calls, before the parameters
	params   []parameter
	rest     *parameter // of a variadic function
	names    []string   // of params; nil where they are not known

	results  int    // how many, without the error
	fails    bool   // the last result is an error
	typeid   string // of the object that the result becomes
	iterates bool   // the result is a channel or a sequence
}

var (
	contextType = reflect.TypeFor[context.Context]()
	callType    = reflect.TypeFor[*Call]()
	errorType   = reflect.TypeFor[error]()
)

// newFunction describes a function of type t.
func newFunction(name string, t reflect.Type, names []string) (*function, error) {
	f := &function{name: name, results: t.NumOut()}
	at := 0
	for ; at < t.NumIn() && (t.In(at) == contextType || t.In(at) == callType); at++ {
		f.injected = append(f.injected, t.In(at))
	}
	for ; at < t.NumIn(); at++ {
		in := t.In(at)
		variadic := t.IsVariadic() && at == t.NumIn()-1
		if variadic {
			in = in.Elem()
		}
		if err := pyfunc.CheckParameter(in); err != nil {
			return nil, err
		}
		p := parameter{in, pyfunc.Spelled(in)}
		if variadic {
			f.rest = &p
		} else {
			f.params = append(f.params, p)
		}
	}
	if n := f.results; n > 0 && t.Out(n-1) == errorType {
		f.fails, f.results = true, n-1
	}
	return f, f.setNames(names)
}

var errParamNames = errors.New("parameter names are different names that Python can use")

// setNames names the parameters. That of a variadic one may be left out, as nobody can use it.
func (f *function) setNames(names []string) error {
	n := len(f.params)
	if names == nil && n > 0 {
		return nil
	}
	if len(names) != n && (f.rest == nil || len(names) != n+1 && names != nil) {
		return fmt.Errorf("%d names for %d parameters", len(names), n)
	}
	for i, name := range names {
		if !pyfunc.IsName(name) || slices.Contains(names[:i], name) {
			return errParamNames
		}
	}
	f.names = append([]string{}, names[:n]...)
	return nil
}

// bind sorts a call's arguments: those for params, and those behind them. What does not fit is a
// TypeError with the text that CPython 3.10 and newer have: Python/ceval.c, initialize_locals.
func (f *function) bind(c *Call) (values, rest []pickle.Raw, err error) {
	if f.names == nil {
		return f.bindPositional(c)
	}
	kwargs := make([]pyfunc.Argument[pickle.Raw], len(c.Kwargs()))
	for i, kw := range c.Kwargs() {
		kwargs[i] = pyfunc.Argument[pickle.Raw]{Name: string(kw.Name), Value: kw.Value}
	}
	named := pyfunc.Parameters{Function: f.name, Names: f.names, Required: len(f.names), Variadic: f.rest != nil}
	values, _, rest, problem := pyfunc.Bind(named, c.Args(), kwargs)
	if problem != "" {
		return nil, nil, managers.ErrTypeError.New(problem)
	}
	return values, rest, nil
}

// bindPositional binds where names are not known, as for functions that CPython has in C.
func (f *function) bindPositional(c *Call) (values, rest []pickle.Raw, err error) {
	n := len(f.params)
	most := n
	if f.rest != nil {
		most = max(n+1, len(c.Args()))
	}
	sig := &Signature{Name: f.name, Params: make([]string, most), Required: n}
	if err := sig.checkBuiltin(len(c.Args()), len(c.Kwargs())); err != nil {
		return nil, nil, err
	}
	return c.Args()[:n], c.Args()[n:], nil
}

func (f *function) typeError(format string, args ...any) error {
	return managers.ErrTypeError.New(f.name + "() " + fmt.Sprintf(format, args...))
}

// arguments returns what the function is called with. life is the context, nil means the call's.
func (f *function) arguments(c *Call, life context.Context) ([]reflect.Value, error) {
	values, rest, err := f.bind(c)
	if err != nil {
		return nil, err
	}
	in := make([]reflect.Value, 0, len(f.injected)+len(values)+len(rest))
	for _, t := range f.injected {
		switch {
		case t == callType:
			in = append(in, reflect.ValueOf(c))
		case life != nil:
			in = append(in, reflect.ValueOf(life))
		default:
			in = append(in, reflect.ValueOf(c.Context()))
		}
	}
	for i, r := range slices.Concat(values, rest) {
		p := f.rest
		if i < len(f.params) {
			p = &f.params[i]
		}
		v, err := p.value(c, r)
		if err != nil {
			return nil, f.mismatch(i, err)
		}
		in = append(in, v)
	}
	return in, nil
}

// mismatch says that argument i could not be converted, as Python/getargs.c says it.
func (f *function) mismatch(i int, err error) error {
	which := fmt.Sprint(i + 1)
	if i < len(f.names) {
		which = "'" + f.names[i] + "'"
	}
	if te := (*pickle.TypeError)(nil); errors.As(err, &te) {
		return f.typeError("argument %s%s must be %s, not %s",
			which, te.Path, pyfunc.Kind(te.GoType), te.Python)
	}
	if limit := (*pickle.LimitError)(nil); errors.As(err, &limit) || errors.As(err, new(*values.BudgetError)) || errors.Is(err, waits.ErrGone) {
		return err
	}
	return f.typeError("argument %s: %v", which, err)
}

// wantsContext reports whether the function takes a context.
func (f *function) wantsContext() bool { return slices.Contains(f.injected, contextType) }
