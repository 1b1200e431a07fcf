package pool

import (
	"encoding/binary"
	"time"

	"mpbridge/pickle"
)

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

// ForkServer is one that is not there: what it would say is given to Hear.
type ForkServer struct{ f *forkServer }

// NewForkServer makes one. It must be closed.
func NewForkServer() ForkServer {
	p := &Pool{opts: Options{StartTimeout: time.Hour}}
	return ForkServer{newForkServer(&forkServers{pool: p})}
}

// Close ends it.
func (s ForkServer) Close() { s.f.close() }

// AskFork has it asked for a worker, and AskSignal to send a signal.
func (s ForkServer) AskFork() Forked {
	c := &forked{answered: make(chan struct{}), ended: make(chan struct{})}
	s.ask(c)
	return Forked{c}
}

// AskSignal is told at AskFork.
func (s ForkServer) AskSignal() { s.ask(nil) }

func (s ForkServer) ask(c *forked) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	s.f.asked = append(s.f.asked, c)
	s.f.awaitAnswer()
}

// Hear is a message.
func (s ForkServer) Hear(msg []byte) error { return s.f.heard(msg) }

// Forked is a worker of a ForkServer.
type Forked struct{ c *forked }

// Answered tells whether its request was answered, and Ended whether it has ended.
func (f Forked) Answered() bool { return isClosed(f.c.answered) }

// Ended is told at Answered.
func (f Forked) Ended() bool { return isClosed(f.c.ended) }

// Result is what is known of it; err is why it was not started.
func (f Forked) Result() (pid int, exit Exit, err error) { return f.c.id(), f.c.exit, f.c.refused }

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// ForkMessage makes a message of a fork server.
func ForkMessage(kind, number, value int32) (msg []byte) {
	for _, n := range []int32{kind, number, value} {
		msg = binary.BigEndian.AppendUint32(msg, uint32(n))
	}
	return msg
}
