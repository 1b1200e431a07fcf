package pickle

import "strings"

// attributeMember returns the value of a member that is pickled as an attribute of its class, as early releases of
// Python 3.11 and pickle_by_enum_name do: getattr(HTTPStatus, 'OK'), which is the name http.HTTPStatus.OK here.
func attributeMember(g Global) (any, bool) {
	class, member, ok := strings.Cut(g.Name, ".")
	if !ok {
		return nil, false
	}
	switch (Global{g.Module, class}) {
	case Global{"http", "HTTPMethod"}:
		return member, strings.Contains(httpMethods, " "+member+" ")
	case Global{"http", "HTTPStatus"}:
		return memberIn(httpStatus, member)
	case Global{"re", "RegexFlag"}:
		return memberIn(regexFlags, member)
	case Global{"ssl", "TLSVersion"}:
		return memberIn(tlsVersions, member)
	case Global{"inspect", "_ParameterKind"}:
		return memberIn(parameterKinds, member)
	case Global{"ssl", "VerifyMode"}, Global{"signal", "Signals"}, Global{"signal", "Handlers"}, Global{"socket", "AddressFamily"}, Global{"socket", "SocketKind"}:
		n, ok := namedMembers[Global{g.Module, member}]
		return n, ok
	}
	return nil, false
}

func memberIn(values map[string]int64, name string) (any, bool) {
	n, ok := values[name]
	return n, ok
}

const httpMethods = " CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT TRACE "

var regexFlags = map[string]int64{
	"TEMPLATE": 1, "T": 1, "IGNORECASE": 2, "I": 2, "LOCALE": 4, "L": 4, "MULTILINE": 8, "M": 8,
	"DOTALL": 16, "S": 16, "UNICODE": 32, "U": 32, "VERBOSE": 64, "X": 64, "DEBUG": 128, "ASCII": 256, "A": 256,
	"NOFLAG": 0,
}

var tlsVersions = map[string]int64{
	"MINIMUM_SUPPORTED": -2, "MAXIMUM_SUPPORTED": -1, "SSLv3": 768, "TLSv1": 769, "TLSv1_1": 770, "TLSv1_2": 771,
	"TLSv1_3": 772,
}

var parameterKinds = map[string]int64{
	"POSITIONAL_ONLY": 0, "POSITIONAL_OR_KEYWORD": 1, "VAR_POSITIONAL": 2, "KEYWORD_ONLY": 3, "VAR_KEYWORD": 4,
}

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

// httpStatus is Lib/http/__init__.py, the union of what the versions have.
var httpStatus = map[string]int64{
	"CONTINUE": 100, "SWITCHING_PROTOCOLS": 101, "PROCESSING": 102, "EARLY_HINTS": 103, "OK": 200, "CREATED": 201,
	"ACCEPTED": 202, "NON_AUTHORITATIVE_INFORMATION": 203, "NO_CONTENT": 204, "RESET_CONTENT": 205,
	"PARTIAL_CONTENT": 206, "MULTI_STATUS": 207, "ALREADY_REPORTED": 208, "IM_USED": 226, "MULTIPLE_CHOICES": 300,
	"MOVED_PERMANENTLY": 301, "FOUND": 302, "SEE_OTHER": 303, "NOT_MODIFIED": 304, "USE_PROXY": 305,
	"TEMPORARY_REDIRECT": 307, "PERMANENT_REDIRECT": 308, "BAD_REQUEST": 400, "UNAUTHORIZED": 401,
	"PAYMENT_REQUIRED": 402, "FORBIDDEN": 403, "NOT_FOUND": 404, "METHOD_NOT_ALLOWED": 405, "NOT_ACCEPTABLE": 406,
	"PROXY_AUTHENTICATION_REQUIRED": 407, "REQUEST_TIMEOUT": 408, "CONFLICT": 409, "GONE": 410,
	"LENGTH_REQUIRED": 411, "PRECONDITION_FAILED": 412, "CONTENT_TOO_LARGE": 413, "REQUEST_ENTITY_TOO_LARGE": 413,
	"REQUEST_URI_TOO_LONG": 414, "URI_TOO_LONG": 414, "UNSUPPORTED_MEDIA_TYPE": 415, "RANGE_NOT_SATISFIABLE": 416,
	"REQUESTED_RANGE_NOT_SATISFIABLE": 416, "EXPECTATION_FAILED": 417, "IM_A_TEAPOT": 418,
	"MISDIRECTED_REQUEST": 421, "UNPROCESSABLE_CONTENT": 422, "UNPROCESSABLE_ENTITY": 422, "LOCKED": 423,
	"FAILED_DEPENDENCY": 424, "TOO_EARLY": 425, "UPGRADE_REQUIRED": 426, "PRECONDITION_REQUIRED": 428,
	"TOO_MANY_REQUESTS": 429, "REQUEST_HEADER_FIELDS_TOO_LARGE": 431, "UNAVAILABLE_FOR_LEGAL_REASONS": 451,
	"INTERNAL_SERVER_ERROR": 500, "NOT_IMPLEMENTED": 501, "BAD_GATEWAY": 502, "SERVICE_UNAVAILABLE": 503,
	"GATEWAY_TIMEOUT": 504, "HTTP_VERSION_NOT_SUPPORTED": 505, "VARIANT_ALSO_NEGOTIATES": 506,
	"INSUFFICIENT_STORAGE": 507, "LOOP_DETECTED": 508, "NOT_EXTENDED": 510,
	"NETWORK_AUTHENTICATION_REQUIRED": 511,
}
