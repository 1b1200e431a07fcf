package pickle

import (
	"math/big"
	"strings"
)

// This file knows values by other names: what is a number, a text or a tuple to Python, and pickles as an object.

// Plain returns the value that v is equal to in Python, and has the hash of, where v is a scalar of numpy, a member
// of an enum of the standard library whose members are numbers or text, a namedtuple, a struct sequence such as
// time.struct_time, a UserString, or an instance of a subclass of int, float, complex, str, bytes or tuple; or else v.
// The class of an instance is not known, only how it is pickled: an object that its class makes of one such value, and
// of nothing else, is taken for one. A namedtuple with a single field looks the same.
func Plain(v any) any {
	switch v := v.(type) {
	case Global:
		if n, ok := NamedMember(v); ok {
			return n
		}
		if m, ok := attributeMember(v); ok {
			return m
		}
	case *Object:
		if s, ok := plainObject(v); ok {
			return s
		}
	}
	return v
}

func plainObject(o *Object) (any, bool) {
	if o == nil || len(o.Items)+len(o.Pairs) > 0 || o.Kwargs != nil || o.Setter != nil {
		return nil, false
	}
	g, ok := o.Class.(Global)
	if !ok {
		return nil, false
	}
	switch o.Kind {
	case Reduce:
		if s, ok := NumpyScalar(o); ok {
			return s, true
		}
		if s, ok := longDouble(o); ok {
			return s, true
		}
		return plainCall(o, g)
	case NewObj:
		return plainInstance(o, g)
	}
	return nil, false
}

// plainCall reads what a call makes that has no state beside the value.
func plainCall(o *Object, g Global) (any, bool) {
	args := o.args()
	switch {
	case g == Global{"copyreg", "_reconstructor"}:
		return reconstructed(args)
	case g.Name == "or_":
		return joinedFlags(o, 0)
	case len(args) == 1 && !o.HasState && isNumberEnum(g):
		switch args[0].(type) {
		case int64, *big.Int, string, ByteString:
			return args[0], true
		}
	case len(args) == 2 && !o.HasState && structSequences[g.Module]:
		t, isTuple := args[0].(Tuple) // what the sequence shows; the dict has the fields without a place in it
		_, isDict := args[1].(*Dict)
		return t, isTuple && isDict
	}
	return nil, false
}

// isNumberEnum tells whether a class of the standard library derives from Enum and from int or str.
func isNumberEnum(g Global) bool {
	c := EnumOf(g)
	return c != nil && !c.Pure
}

// reconstructed reads _reconstructor(class, base, value), by which protocols 0 and 1, and PyPy, make instances.
func reconstructed(args Tuple) (any, bool) {
	if len(args) != 3 {
		return nil, false
	}
	base, _ := args[1].(Global)
	if base.Module != "builtins" || base.Name == "object" {
		return nil, false
	}
	return args[2], isBase(args[2])
}

// isBase tells whether a value is of a builtin class that has subclasses whose instances are equal to it.
func isBase(v any) bool {
	switch v.(type) {
	case int64, *big.Int, float64, complex128, string, ByteString, []byte, Tuple:
		return true
	}
	return false
}

// plainInstance reads what the __new__ of a class makes of its arguments: the one value of a subclass, or the fields of
// a namedtuple.
func plainInstance(o *Object, g Global) (any, bool) {
	args := o.args()
	switch {
	case g == Global{"collections", "UserString"}:
		text, ok := asText(attr(o, "data"))
		return text, ok
	case !isEnumLike(g) && !strings.Contains(standardTuples, " "+g.Module+"."+g.Name+" "), len(args) == 0:
		return nil, false
	case len(args) == 1:
		if _, isDict := o.State.(*Dict); o.State != nil && !isDict {
			return nil, false
		}
		return args[0], isBase(args[0])
	case o.State != nil && o.Attrs().Len() > 0:
		return nil, false
	}
	return args, true
}

// standardTuples are namedtuples in modules whose other classes are none.
const standardTuples = " decimal.DecimalTuple functools._CacheInfo "

// maxFlags bounds how deep or_ is nested: each level may double the work.
const maxFlags = 8

// joinedFlags is or_(a, b), as such releases pickle several flags of a known class together.
func joinedFlags(v any, depth int) (int64, bool) {
	switch v := v.(type) {
	case Global:
		n, ok := Plain(v).(int64)
		return n, ok
	case *Object:
		g, _ := v.Class.(Global)
		args := v.args()
		if g.Name != "or_" || g.Module != "operator" && g.Module != "_operator" || v.Kind != Reduce || len(args) != 2 || depth >= maxFlags {
			return 0, false
		}
		a, ok1 := joinedFlags(args[0], depth+1)
		b, ok2 := joinedFlags(args[1], depth+1)
		return a | b, ok1 && ok2
	}
	return 0, false
}

// structSequences are the modules whose functions return tuples of classes written in C.
var structSequences = map[string]bool{
	"time": true, "os": true, "posix": true, "nt": true, "pwd": true, "grp": true, "resource": true, "sys": true,
}

// isEnumLike tells whether what is called may be the class of an enum: nothing of what is known to be
// something else, and nothing that is named as exceptions are.
func isEnumLike(class any) bool {
	g, ok := class.(Global)
	name := g.Name[strings.LastIndexByte(g.Name, '.')+1:]
	return ok && !strings.Contains(notEnums, " "+g.Module+" ") && !strings.HasPrefix(g.Module, "numpy") && !isExceptionName(name)
}

func isExceptionName(name string) bool {
	for _, end := range []string{"Error", "Exception", "Warning", "Exit", "Interrupt", "Iteration", "Timeout"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// notEnums are modules whose functions and classes take one argument and are no enums.
var notEnums = " builtins copyreg _codecs operator itertools functools collections array io _io types weakref " +
	"decimal fractions datetime random queue _queue threading "
