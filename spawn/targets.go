package spawn

import (
	"reflect"
	"slices"

	"mpbridge/pickle"
)

// Targets are the functions of Python's that a Go program does the work of, by their names: "package.module:name", as
// in package pool, or "name" alone for a function of that name in whatever module. A program's main script is the
// module __main__. The functions serve as targets of processes, and as what the tasks of pools and executors call.
//
// A value is a Go function, or a Function. Its parameters are what Python passes, converted as pickle.Unmarshal
// converts, or the objects that they are: see the table of the package comment. A context.Context and a
// *CurrentProcess may stand before them, in any order, and are not passed by Python. The last parameter of a function
// of which the names of the parameters are not known may be a pickle.Kwargs, for the keyword arguments.
//
// Results go back to Python where it wants them, none as None and several as a tuple. An error as the last result is
// raised: a *managers.Exception as what it is, any other as a RuntimeError.
//
// A class of Python's that derives from Process and defines run is known by its name, too. The function is called with
// what the process holds, the dict of its attributes, in place of arguments.
type Targets map[string]any

// Function is a Go function and the names of its parameters.
type Function struct {
	// Func is the function.
	Func any
	// Params are the names by which Python may pass arguments: one for each parameter but contexts and
	// *CurrentProcess.
	Params []string
}

// crew is the functions of Targets, made ready to be called.
type crew map[string]*function

func newCrew(targets Targets) (crew, error) {
	c := make(crew, len(targets))
	for name, v := range targets {
		if !targetName(name) {
			return nil, &TargetError{name, `is no name of a function: want "package.module:name" or "name"`}
		}
		f, ok := v.(Function)
		if !ok {
			f = Function{Func: v}
		}
		fn, err := newFunction(name, reflect.ValueOf(f.Func), f.Params)
		if err != nil {
			return nil, &TargetError{name, err.Error()}
		}
		c[name] = fn
	}
	return c, nil
}

// find returns the function that stands for one of Python's, or nil.
func (c crew) find(g pickle.Global) *function {
	if f := c[spelled(g)]; f != nil {
		return f
	}
	return c[g.Name]
}

// names are those of the functions, in order.
func (c crew) names() []string {
	var out []string
	for name := range c {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
