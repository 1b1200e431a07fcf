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
	case len(args) == 1 && !o.HasState && strings.Contains(numberEnums[g.Module], " "+g.Name+" "):
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

// numberEnums are the classes of the standard library that derive from int and Enum, or from str and Enum.
//
// Sources: the module of each, in Python 3.6 to 3.15.
var numberEnums = map[string]string{
	"http":     " HTTPStatus HTTPMethod ",
	"signal":   " Signals Handlers Sigmasks ",
	"socket":   " AddressFamily SocketKind MsgFlag AddressInfo ",
	"ssl":      " _SSLMethod Options AlertDescription SSLErrorNumber VerifyFlags VerifyMode TLSVersion _TLSContentType _TLSAlertType _TLSMessageType ",
	"re":       " RegexFlag ",
	"calendar": " Day Month ",
	"inspect":  " _ParameterKind BufferFlags ",
	"pstats":   " SortKey ",
	"tkinter":  " EventType ",
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
