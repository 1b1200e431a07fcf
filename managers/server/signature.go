package server

import (
	"fmt"
	"slices"
	"strings"

	"mpbridge/internal/pyfunc"
	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// Signature is what a Python def says of a method's parameters: the first Required of them must be
// given, by position or by keyword.
type Signature struct {
	Name     string // as error messages show it, "Queue.get"
	Params   []string
	Required int

	builtin bool // of a type that CPython has in C: no keywords, and other texts
}

// maxParams is how many parameters a Signature may have.
const maxParams = 8

// bound holds the arguments of one call, sorted by parameter.
type bound struct {
	values [maxParams]pickle.Raw
	given  [maxParams]bool
}

// Bind sorts the call's arguments by the parameters of sig. What does not fit is a TypeError with
// Python's own text (CPython 3.10 and newer: Python/ceval.c).
func (c *Call) Bind(sig *Signature) error {
	c.bound = bound{}
	if sig.builtin {
		if err := sig.checkBuiltin(len(c.Args()), len(c.Kwargs())); err != nil {
			return err
		}
	}
	if n := len(c.Args()); n > len(sig.Params) {
		return sig.tooMany(n)
	}
	for i, a := range c.Args() {
		c.bound.values[i], c.bound.given[i] = a, true
	}
	for _, kw := range c.Kwargs() {
		i := sig.index(kw.Name)
		if i < 0 {
			return managers.ErrTypeError.New(fmt.Sprintf(
				"%s() got an unexpected keyword argument '%s'", sig.Name, kw.Name))
		}
		if c.bound.given[i] {
			return managers.ErrTypeError.New(fmt.Sprintf(
				"%s() got multiple values for argument '%s'", sig.Name, kw.Name))
		}
		c.bound.values[i], c.bound.given[i] = kw.Value, true
	}
	return c.missing(sig)
}

func (s *Signature) index(name []byte) int {
	for i, p := range s.Params {
		if p == string(name) {
			return i
		}
	}
	return -1
}

// tooMany says that n positional arguments are too many.
func (s *Signature) tooMany(n int) error {
	return managers.ErrTypeError.New(s.parameters().TooMany(n))
}

func (s *Signature) parameters() pyfunc.Parameters {
	return pyfunc.Parameters{Function: s.Name, Names: s.Params, Required: s.Required}
}

func (c *Call) missing(sig *Signature) error {
	for i := range sig.Required {
		if !c.bound.given[i] {
			return managers.ErrTypeError.New(sig.parameters().Missing(c.bound.given[:]))
		}
	}
	return nil
}

// checkBuiltin counts arguments as CPython does for methods written in C: Objects/methodobject.c and
// Python/getargs.c, _PyArg_CheckPositional.
func (s *Signature) checkBuiltin(args, kwargs int) error {
	most := len(s.Params)
	short := s.Name[strings.IndexByte(s.Name, '.')+1:]
	if s.isSlot() {
		return checkSlot(short, most, args, kwargs)
	}
	switch {
	case kwargs > 0:
		return managers.ErrTypeError.New(s.Name + "() takes no keyword arguments")
	case args >= s.Required && args <= most:
		return nil
	case most == 0:
		return managers.ErrTypeError.New(fmt.Sprintf("%s() takes no arguments (%d given)", s.Name, args))
	case most == 1 && s.Required == 1:
		return managers.ErrTypeError.New(fmt.Sprintf("%s() takes exactly one argument (%d given)", s.Name, args))
	}
	least, limit := "", s.Required
	if s.Required < most {
		least = "at least "
		if args > most {
			least, limit = "at most ", most
		}
	}
	noun := "arguments"
	if limit == 1 {
		noun = "argument"
	}
	return managers.ErrTypeError.New(fmt.Sprintf("%s expected %s%d %s, got %d", short, least, limit, noun, args))
}

// notSlots are the methods with underscores that list, dict and set have in tp_methods.
var notSlots = []string{
	"list.__getitem__", "list.__reversed__", "dict.__contains__", "dict.__getitem__",
	"dict.__reversed__", "set.__contains__", "set.__class_getitem__",
}

// isSlot reports whether Python makes the method out of a slot of its type: Objects/typeobject.c,
// slotdefs.
func (s *Signature) isSlot() bool {
	return strings.HasSuffix(s.Name, "__") && !slices.Contains(notSlots, s.Name)
}

// checkSlot counts arguments as wrap_unaryfunc, wrap_binaryfunc and their like do.
func checkSlot(name string, want, args, kwargs int) error {
	switch {
	case kwargs > 0:
		return managers.ErrTypeError.New("wrapper " + name + "() takes no keyword arguments")
	case args == want:
		return nil
	case want == 1:
		return managers.ErrTypeError.New(fmt.Sprintf("expected 1 argument, got %d", args))
	case want == 0:
		return managers.ErrTypeError.New(fmt.Sprintf("expected 0 arguments, got %d", args))
	}
	return managers.ErrTypeError.New(fmt.Sprintf("%s expected %d arguments, got %d", name, want, args))
}

// Given reports whether parameter i of the bound signature, if it has one, was given.
func (c *Call) Given(i int) bool { return i < len(c.bound.given) && c.bound.given[i] }

// Value returns the argument for parameter i of the bound signature, None where it was not given.
func (c *Call) Value(i int) pickle.Raw { return c.bound.values[i] }

// Truth returns the truth of the argument for parameter i, or def where it was not given.
func (c *Call) Truth(i int, def bool) (bool, error) {
	if !c.bound.given[i] {
		return def, nil
	}
	v, err := c.open(c.bound.values[i])
	if err != nil {
		return false, err
	}
	return c.budget().Truth(v)
}

// Int returns the integer argument for parameter i, or def where it was not given: whatever has __index__ in Python,
// and other numbers that are whole, which most of Python's classes only compare.
func (c *Call) Int(i int, def int) (int, error) {
	if !c.bound.given[i] {
		return def, nil
	}
	v, err := c.open(c.bound.values[i])
	if err != nil {
		return 0, err
	}
	return values.Whole(v)
}
