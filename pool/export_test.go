package pool

import "mpbridge/pickle"

// Doors for the tests.
var (
	ParseResult = parseResult
	ParseHead   = parseHead
	ParseHello  = parseHello
)

// Result is what ParseResult and ParseHead return.
type Result = result

// Parts shows a result.
func (r Result) Parts() (job, index int64, nameless, ok bool) {
	return r.job, r.index, r.nameless, r.ok
}

// Failure is what a result that is a failure becomes.
func (r Result) Failure() error { return remoteError(r, "module:function", 1, 2) }

// Decode decodes the value of the message of a success.
func Decode(message []byte) (any, error) { return outcome{message: message}.decode() }

// Chunk decodes the message of a chunk of n items.
func Chunk[T any](message []byte, n int) ([]T, map[int]error, error) {
	out := make([]T, n)
	s := &stream{job: &job{fn: function{name: "module:function"}}}
	failed, err := open(s, piece{items: n, outcome: outcome{message: message}}, out)
	return out, failed, err
}

// ReadNumbers and RawNumbers are the short way of chunks of numbers.
func ReadNumbers(message []byte, out any) bool { return readNumbers(message, out) }

// RawNumbers pickles numbers for a worker that reads what o says.
func RawNumbers(items any, o *pickle.EncodeOptions) (pickle.Raw, bool) { return rawNumbers(items, o) }

// Function is what a function becomes in a pickle.
func Function(fn any) (name string, value any, err error) {
	f, err := parseFunction(fn)
	return f.name, f.value, err
}

// Tail feeds lines to what a *WorkerError shows and returns what it keeps.
func Tail(lines ...string) []string {
	var t tail
	for _, line := range lines {
		t.add(line)
	}
	return t.lines()
}
