package spawn

import (
	"context"

	"mpbridge/pickle"
)

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
func builtin(g pickle.Global) action {
	switch g {
	case pickle.Global{Module: "multiprocessing.pool", Name: "worker"}:
		return poolWorker{}
	case pickle.Global{Module: futures, Name: "_process_worker"}:
		return processWorker{}
	}
	return nil
}
