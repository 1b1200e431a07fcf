package pyfunc

import (
	"fmt"
	"slices"
	"strings"
)

// Parameters are those of a function that Python calls, as a def has them.
type Parameters struct {
	Function string // as messages show it: "add", "Calculator.add"
	Names    []string
	Required int  // how many of the first must be given
	Variadic bool // more positional arguments than Names go to a parameter that no keyword names
}

// Argument is a keyword argument.
type Argument[V any] struct {
	Name  string
	Value V
}

// Bind sorts the arguments of a call: values are those for the parameters, given says which there are, and rest what a
// variadic parameter gets. A problem is the text of the TypeError that CPython 3.10 and newer raise:
// initialize_locals in Python/ceval.c.
func Bind[V any](p Parameters, args []V, kwargs []Argument[V]) (values []V, given []bool, rest []V, problem string) {
	values, given = make([]V, len(p.Names)), make([]bool, len(p.Names))
	n := min(len(args), len(p.Names))
	for i := range n {
		values[i], given[i] = args[i], true
	}
	for _, kw := range kwargs {
		i := slices.Index(p.Names, kw.Name)
		switch {
		case i < 0:
			problem = fmt.Sprintf("%s() got an unexpected keyword argument '%.100s'", p.Function, kw.Name)
			return nil, nil, nil, problem
		case given[i]:
			return nil, nil, nil, fmt.Sprintf("%s() got multiple values for argument '%s'", p.Function, kw.Name)
		}
		values[i], given[i] = kw.Value, true
	}
	if len(args) > n && !p.Variadic {
		return nil, nil, nil, p.TooMany(len(args))
	}
	return values, given, args[n:], p.Missing(given)
}

// TooMany says that n positional arguments are too many. It counts self, as Python does for methods; a name without a
// dot is that of a function.
func (p Parameters) TooMany(n int) string {
	least, most := p.Required, len(p.Names)
	if strings.Contains(p.Function, ".") {
		least, most, n = least+1, most+1, n+1
	}
	takes := fmt.Sprintf("%d positional argument%s", most, plural(most))
	if least < most {
		takes = fmt.Sprintf("from %d to %d positional arguments", least, most)
	}
	were := "were"
	if n == 1 {
		were = "was"
	}
	return fmt.Sprintf("%s() takes %s but %d %s given", p.Function, takes, n, were)
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// Missing says which parameters must be given and were not; "" where none is missing.
func (p Parameters) Missing(given []bool) string {
	var names []string
	for i := range p.Required {
		if !given[i] {
			names = append(names, "'"+p.Names[i]+"'")
		}
	}
	if len(names) == 0 {
		return ""
	}
	list := strings.Join(names, " and ")
	if n := len(names); n > 2 {
		list = strings.Join(names[:n-1], ", ") + ", and " + names[n-1]
	}
	return fmt.Sprintf("%s() missing %d required positional argument%s: %s",
		p.Function, len(names), plural(len(names)), list)
}
