package values

import (
	"strings"
	"sync"

	"mpbridge/pickle"
)

// This file shows namedtuples, and the tuples that classes written in C are: those of the standard library by their
// fields.

// tupleClass is one row of tupleClasses.
type tupleClass struct {
	name   string // as its repr has it
	fields []string
}

// knownTuples reads tupleClasses. A class has a row for each number of fields that it has had.
var knownTuples = sync.OnceValue(func() map[pickle.Global][]tupleClass {
	all := make(map[pickle.Global][]tupleClass)
	for _, row := range pickle.TableRows(tupleClasses) {
		g := pickle.Global{Module: row.Module, Name: row.Name}
		all[g] = append(all[g], tupleClass{row.Label, row.Fields})
	}
	return all
})

// tupleOf returns the elements of an object that is known to be a tuple, and its class.
func tupleOf(o *pickle.Object) (c tupleClass, items pickle.Tuple, ok bool) {
	g, args, named := classOf(o)
	if !named || o.Kwargs != nil || len(o.Items)+len(o.Pairs) > 0 {
		return c, nil, false // attributes beside the fields are not shown
	}
	if base, rebuilt := rebuiltFrom(o); rebuilt {
		args, _ = base.(pickle.Tuple)
	}
	if g.Module == "nt" {
		g.Module = "posix"
	}
	classes := knownTuples()[g]
	if len(classes) > 0 && o.Kind == pickle.Reduce && len(args) == 2 && strings.Contains(classes[0].name, ".") {
		inner, isTuple := args[0].(pickle.Tuple)
		if _, more := args[1].(*pickle.Dict); isTuple && more { // the rest has no place in the repr
			args = inner
		}
	}
	for _, c := range classes {
		if len(c.fields) == len(args) {
			return c, args, true
		}
	}
	return c, nil, false
}

// tuple shows a tuple with the names of its fields.
func (r *repr) tuple(c tupleClass, items pickle.Tuple) error {
	return r.called(c.name, items, nil, c.fields)
}

// called shows a call: with positional arguments, or, where there are names, with these.
func (r *repr) called(name string, args []any, attrs *pickle.Dict, names []string) error {
	if err := r.put(name, "("); err != nil {
		return err
	}
	between := ""
	part := func(name string, v any) error {
		if err := r.put(between, name); err != nil {
			return err
		}
		between = ", "
		return r.value(v)
	}
	for i, v := range args {
		field := ""
		if i < len(names) {
			field = names[i] + "="
		}
		if err := part(field, v); err != nil {
			return err
		}
	}
	for k, v := range attrs.All() {
		field, _ := pickle.Text(k)
		if err := part(field+"=", v); err != nil {
			return err
		}
	}
	return r.put(")")
}
