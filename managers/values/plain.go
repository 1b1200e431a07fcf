package values

import (
	"strings"

	"mpbridge/pickle"
)

// This file knows values by other names: what is a number, text or tuple to Python, and pickles as an object.

// plain returns the value that v is equal to, and has the hash of, where v is a scalar of numpy, a member of an enum
// of the standard library whose members are numbers or text, or a namedtuple; or else v.
func plain(v any) any {
	switch v := v.(type) {
	case pickle.Global:
		if n, ok := pickle.NamedMember(v); ok {
			return n
		}
	case *pickle.Object:
		if s, ok := pickle.NumpyScalar(v); ok {
			return s
		}
		if s, ok := knownMember(v); ok {
			return s
		}
		if t, ok := namedTuple(v); ok {
			return t
		}
	}
	return v
}

// knownEnums are the classes of the standard library that derive from int and Enum, or from str and Enum.
//
// Sources: the module of each, in Python 3.6 to 3.15.
var knownEnums = map[string]string{
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

// knownMember returns the value of a member of one of knownEnums.
func knownMember(o *pickle.Object) (any, bool) {
	g, args, ok := classOf(o)
	if !ok || o.Kind != pickle.Reduce || len(args) != 1 || o.HasState || len(o.Items)+len(o.Pairs) > 0 ||
		!strings.Contains(knownEnums[g.Module], " "+g.Name+" ") {
		return nil, false
	}
	switch args[0].(type) {
	case int64, string, pickle.ByteString:
		return args[0], true
	}
	return nil, false
}

// namedTuple returns the elements of a namedtuple: an object that is made of two values or more by its class's
// __new__ and has no state. Of one that is made of one value nobody can tell whether it is a tuple, an int or
// something else; it is equal to its like alone.
func namedTuple(o *pickle.Object) (pickle.Tuple, bool) {
	g, args, ok := classOf(o)
	if !ok || o.Kind != pickle.NewObj || len(args) < 2 || o.HasState && o.State != nil || o.Kwargs != nil ||
		len(o.Items)+len(o.Pairs) > 0 || withoutFields(g) {
		return nil, false
	}
	return args, true
}

// isArray tells whether an object of the class g is an array of numpy, which functions make.
func isArray(o *pickle.Object, g pickle.Global) bool {
	return o.Kind == pickle.Reduce && strings.HasPrefix(g.Module, "numpy.") &&
		(strings.HasSuffix(g.Module, ".multiarray") && g.Name == "_reconstruct" ||
			strings.HasSuffix(g.Module, ".numeric") && g.Name == "_frombuffer")
}

// isUnhashable tells whether an object of the class g has no hash, besides those whose content is known.
func isUnhashable(o *pickle.Object, g pickle.Global) bool {
	switch g {
	case pickle.Global{Module: "collections", Name: "UserDict"}, pickle.Global{Module: "collections", Name: "UserList"}:
		return true
	}
	return isArray(o, g)
}
