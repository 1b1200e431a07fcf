package spawn

import (
	"context"
	"io"

	"mpbridge/managers"
	"mpbridge/pickle"
)

// SystemExit is the exception that ends a process with a status: SystemExit.New(3) is sys.exit(3) in Python.
var SystemExit = managers.NewExceptionClass("builtins", "SystemExit")

// child is this process as a child.
type child struct {
	known  crew
	decode *pickle.DecodeOptions
	self   *CurrentProcess
	stderr io.Writer
}

// String names what is to be done, as Targets would have it.
func (a aim) String() string {
	if g, ok := a.callee(); ok {
		return spelled(g)
	}
	if a.target != nil {
		return "that is a " + pickle.TypeName(a.target)
	}
	return spelled(a.class)
}

// callee is the name of what is called; ok is false where it has none.
func (a aim) callee() (pickle.Global, bool) {
	g, _, ok := unwrap(a.target)
	return g, ok
}

// action returns what does the work of a process; nil where that is for Python to do.
func (k crew) action(a aim) action {
	if f := k.find(a.class); f != nil {
		return derived{f}
	}
	g, ok := a.callee()
	if !ok {
		return nil
	}
	if f := k.find(g); f != nil {
		return target{f}
	}
	return builtin(g)
}

// action does the work of a process.
type action interface {
	do(ctx context.Context, c *child, j *job) error
}

// target is an action that calls a function with the arguments of the process.
type target struct{ f *function }

func (t target) do(ctx context.Context, c *child, j *job) error {
	args, ok := j.args.(pickle.Tuple)
	kwargs, isDict := j.kwargs.(*pickle.Dict)
	if !ok || !isDict {
		return bootstrapError("the arguments of the process are no tuple and dict")
	}
	_, bound, _ := unwrap(j.target)
	call := bound.with(args, kwargs)
	_, err := t.f.call(ctx, c.self, call.args, call.kwargs)
	return err
}

// derived is an action that calls a function with the attributes of a process of the program's own class.
type derived struct{ f *function }

func (d derived) do(ctx context.Context, c *child, j *job) error {
	_, err := d.f.call(ctx, c.self, []any{c.self.Attributes}, nil)
	return err
}

// builtin returns the action of a target that every program has; nil for any other.
func builtin(g pickle.Global) action { return nil }
