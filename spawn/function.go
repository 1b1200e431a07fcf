package spawn

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"mpbridge/internal/pyfunc"
	"mpbridge/managers"
	"mpbridge/pickle"
)

// function is a Go function that stands for one of Python's.
type function struct {
	name     string // as messages show it
	fn       reflect.Value
	injected []reflect.Type
	params   []parameter
	rest     *parameter // of a variadic function
	names    []string   // of params; nil where they are not known
	keywords bool       // the last parameter is a pickle.Kwargs
	results  int        // how many, without the error
	fails    bool       // the last result is an error
}

// parameter is one that Python gives an argument for.
type parameter struct {
	typ     reflect.Type
	spelled bool // it has structs whose fields Python spells in another way
}

var (
	contextType = reflect.TypeFor[context.Context]()
	currentType = reflect.TypeFor[*CurrentProcess]()
	kwargsType  = reflect.TypeFor[pickle.Kwargs]()
	errorType   = reflect.TypeFor[error]()
)

var (
	errNoFunction = errors.New("the value is no function")
	errParamNames = errors.New("parameter names are different names that Python can use")
)

// newFunction describes a function.
func newFunction(name string, fn reflect.Value, names []string) (*function, error) {
	if fn.Kind() != reflect.Func || fn.IsNil() {
		return nil, errNoFunction
	}
	t := fn.Type()
	f := &function{name: shortName(name), fn: fn, results: t.NumOut()}
	at := 0
	for ; at < t.NumIn() && (t.In(at) == contextType || t.In(at) == currentType); at++ {
		f.injected = append(f.injected, t.In(at))
	}
	for ; at < t.NumIn(); at++ {
		if err := f.addParameter(t, at); err != nil {
			return nil, err
		}
	}
	if n := f.results; n > 0 && t.Out(n-1) == errorType {
		f.fails, f.results = true, n-1
	}
	for i := range f.results {
		if err := pyfunc.CheckResult(t.Out(i)); err != nil {
			return nil, err
		}
	}
	return f, f.setNames(names)
}

// shortName is what Python calls a function in messages: its name without the module.
func shortName(target string) string {
	if _, name, ok := strings.Cut(target, ":"); ok {
		return name
	}
	return target
}

func (f *function) addParameter(t reflect.Type, at int) error {
	in, last := t.In(at), at == t.NumIn()-1
	if last && in == kwargsType {
		f.keywords = true
		return nil
	}
	variadic := last && t.IsVariadic()
	if variadic {
		in = in.Elem()
	}
	if in.Kind() != reflect.Interface { // which an object may have
		if err := pyfunc.CheckParameter(in); err != nil {
			return err
		}
	}
	p := parameter{in, pyfunc.Spelled(in)}
	if variadic {
		f.rest = &p
	} else {
		f.params = append(f.params, p)
	}
	return nil
}

func (f *function) setNames(names []string) error {
	switch n := len(f.params); {
	case names == nil && n > 0:
		return nil
	case f.keywords && names != nil:
		return errors.New("a function that takes pickle.Kwargs names no parameters")
	case len(names) != n:
		return fmt.Errorf("%d names for %d parameters", len(names), n)
	}
	for i, name := range names {
		if !pyfunc.IsName(name) || slices.Contains(names[:i], name) {
			return errParamNames
		}
	}
	f.names = append([]string{}, names...)
	return nil
}

// call calls the function as Python would, with its arguments.
func (f *function) call(ctx context.Context, self *CurrentProcess, args []any, kwargs *pickle.Dict) (any, error) {
	in, err := f.arguments(ctx, self, args, kwargs)
	if err != nil {
		return nil, err
	}
	out := f.fn.Call(in)
	if f.fails {
		if err, _ := out[f.results].Interface().(error); err != nil {
			return nil, err
		}
	}
	switch f.results {
	case 0:
		return nil, nil
	case 1:
		return out[0].Interface(), nil
	}
	all := make(pickle.Tuple, f.results)
	for i := range all {
		all[i] = out[i].Interface()
	}
	return all, nil
}

func (f *function) arguments(
	ctx context.Context, self *CurrentProcess, args []any, kwargs *pickle.Dict,
) ([]reflect.Value, error) {
	values, err := f.bind(args, kwargs)
	if err != nil {
		return nil, err
	}
	in := make([]reflect.Value, 0, len(f.injected)+len(values)+1)
	for _, t := range f.injected {
		if t == currentType {
			in = append(in, reflect.ValueOf(self))
		} else {
			in = append(in, reflect.ValueOf(ctx))
		}
	}
	for i, v := range values {
		p := f.rest
		if i < len(f.params) {
			p = &f.params[i]
		}
		into, err := p.value(v)
		if err != nil {
			return nil, f.mismatch(i, err)
		}
		in = append(in, into)
	}
	if f.keywords {
		kw, err := keywordArguments(kwargs)
		if err != nil {
			return nil, err
		}
		in = append(in, reflect.ValueOf(kw))
	}
	return in, nil
}

// bind sorts the arguments of a call: those of the parameters, and those of the variadic one behind them.
func (f *function) bind(args []any, kwargs *pickle.Dict) ([]any, error) {
	p := pyfunc.Parameters{Function: f.name, Names: f.names, Required: len(f.params), Variadic: f.rest != nil}
	var named []pyfunc.Argument[any]
	if f.names == nil {
		p.Names = make([]string, len(f.params))
	}
	if !f.keywords {
		for key, v := range kwargs.All() {
			name, ok := pickle.Text(key)
			if !ok {
				return nil, managers.ErrTypeError.New("keywords must be strings")
			}
			named = append(named, pyfunc.Argument[any]{Name: name, Value: v})
		}
	}
	if f.names == nil && len(named) > 0 {
		return nil, managers.ErrTypeError.New(f.name + "() takes no keyword arguments")
	}
	if f.names == nil && len(args) < len(f.params) {
		return nil, managers.ErrTypeError.New(p.TooMany(len(args))) // which says how many there have to be
	}
	values, _, rest, problem := pyfunc.Bind(p, args, named)
	if problem != "" {
		return nil, managers.ErrTypeError.New(problem)
	}
	return append(values, rest...), nil
}

func keywordArguments(kwargs *pickle.Dict) (pickle.Kwargs, error) {
	kw := make(pickle.Kwargs, kwargs.Len())
	for key, v := range kwargs.All() {
		name, ok := pickle.Text(key)
		if !ok {
			return nil, managers.ErrTypeError.New("keywords must be strings")
		}
		kw[name] = v
	}
	return kw, nil
}

// value converts an argument.
func (p *parameter) value(v any) (reflect.Value, error) {
	into := reflect.New(p.typ)
	if p.spelled {
		var err error
		if v, err = pyfunc.Spell(v, p.typ); err != nil {
			return into, err
		}
	}
	return into.Elem(), pickle.Assign(into.Interface(), v)
}

// mismatch says that argument i could not be converted, as Python/getargs.c says it.
func (f *function) mismatch(i int, err error) error {
	which := fmt.Sprint(i + 1)
	if i < len(f.names) {
		which = "'" + f.names[i] + "'"
	}
	text := fmt.Sprintf("argument %s: %v", which, err)
	if te := (*pickle.TypeError)(nil); errors.As(err, &te) {
		text = fmt.Sprintf("argument %s%s must be %s, not %s", which, te.Path, pyfunc.Kind(te.GoType), te.Python)
	}
	return managers.ErrTypeError.New(f.name + "() " + text)
}
