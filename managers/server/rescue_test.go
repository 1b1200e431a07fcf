package server_test

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
)

// secret is what a program's panics say and no client may read.
const secret = "a secret path"

// faulty fails in whatever way its methods name.
type faulty struct{ _ byte }

func (*faulty) Methods() []string { return failures }

// failures are the ways in which a call can fail within the program's code.
var failures = []string{"panic", "panic_nil", "exit", "nil_pointer", "error_panics", "typed_nil_error",
	"error_exits", "is_panics", "result_panics", "result_exits", "panic_while_watched", "exit_while_watched",
	"fine"}

// rudeError is an error whose methods fail.
type rudeError struct{ how string }

func (e *rudeError) Error() string {
	switch e.how { // panics where e is nil
	case "exits":
		runtime.Goexit()
	case "is":
		return "rude"
	}
	panic(secret)
}

func (e *rudeError) Is(error) bool {
	if e.how == "is" {
		panic(secret)
	}
	return false
}

// rudeResult fails when it is pickled.
type rudeResult struct{ exits bool }

func (r rudeResult) MarshalPickle() (any, error) {
	if r.exits {
		runtime.Goexit()
	}
	panic(secret)
}

func (f *faulty) Call(c *server.Call) (any, error) {
	switch c.Method {
	case "panic":
		panic(secret)
	case "panic_nil":
		panic(nil) //nolint:govet // it is what some programs do
	case "exit":
		runtime.Goexit()
	case "nil_pointer":
		return nil, errors.New((*rudeError)(nil).how)
	case "error_panics":
		return nil, &rudeError{}
	case "typed_nil_error":
		return nil, (*rudeError)(nil)
	case "error_exits":
		return nil, &rudeError{"exits"}
	case "is_panics":
		return nil, &rudeError{"is"}
	case "result_panics":
		return rudeResult{}, nil
	case "result_exits":
		return []any{rudeResult{exits: true}}, nil
	case "panic_while_watched":
		c.Context().Done()
		panic(secret)
	case "exit_while_watched":
		c.Context().Done()
		runtime.Goexit()
	}
	return "fine", nil
}

func (*faulty) String() string { panic(secret) }

func (*faulty) Value(*server.Call) (any, error) { panic(secret) }

func (*faulty) Close() error { panic(secret) }

// sliced is an object that == cannot compare.
type sliced struct{ parts []int }

func (sliced) Methods() []string              { return []string{"m"} }
func (sliced) Call(*server.Call) (any, error) { return "m", nil }

// boxed is one of which only its content decides that.
type boxed struct{ content any }

func (boxed) Methods() []string              { return []string{"m"} }
func (boxed) Call(*server.Call) (any, error) { return "m", nil }

// mute cannot say what its methods are.
type mute struct{ _ byte }

func (*mute) Methods() []string              { panic(secret) }
func (*mute) Call(*server.Call) (any, error) { return nil, nil }

// serveFaulty starts a server with types that fail, and returns its log.
func serveFaulty(t *testing.T, o server.Options) (*server.Server, connection.Address, *log) {
	t.Helper()
	book := new(log)
	o.Logger = slog.New(slog.NewTextHandler(book, nil))
	s := newServer(t, o, aQueue("jobs", queue.Options{}), aValue("sequences", &sequences{}))
	for typeid, f := range map[string]func(c *server.Call) (server.Object, error){
		"faulty":   func(*server.Call) (server.Object, error) { return &faulty{}, nil },
		"panics":   func(*server.Call) (server.Object, error) { panic(secret) },
		"exits":    func(*server.Call) (server.Object, error) { runtime.Goexit(); return nil, nil },
		"nothing":  func(*server.Call) (server.Object, error) { return nil, nil },
		"nil":      func(*server.Call) (server.Object, error) { return (*faulty)(nil), nil },
		"sliced":   func(*server.Call) (server.Object, error) { return sliced{[]int{1}}, nil },
		"boxed":    func(*server.Call) (server.Object, error) { return boxed{[]int{1}}, nil },
		"mute":     func(*server.Call) (server.Object, error) { return &mute{}, nil },
		"new_rude": func(*server.Call) (server.Object, error) { return nil, &rudeError{} },
	} {
		require.NoError(t, s.RegisterType(typeid, server.Type{New: f}))
	}
	return s, serveAt(t, s), book
}

// sequences has methods whose results fail while they are iterated over.
type sequences struct{ _ byte }

func (*sequences) Panics() iter.Seq[int] {
	return func(yield func(int) bool) {
		yield(1)
		panic(secret)
	}
}

func (*sequences) Exits() iter.Seq[int] {
	return func(yield func(int) bool) {
		yield(1)
		runtime.Goexit()
	}
}

func TestAFailureOfTheProgramsCodeEndsTheCallAlone(t *testing.T) {
	_, addr, book := serveFaulty(t, server.Options{})
	p, err := dial(t, addr).Open(soon(t), "faulty")
	require.NoError(t, err)
	for _, how := range failures[:len(failures)-1] {
		t.Run(how, func(t *testing.T) {
			before := book.String()
			_, err := p.Call(soon(t), how)
			var remote *managers.RemoteError
			require.ErrorAs(t, err, &remote)
			assert.NotContains(t, err.Error(), "secret")
			assert.NotContains(t, remote.Text, "secret")
			assert.Contains(t, book.String()[len(before):], "in="+how)
			v, err := p.Call(soon(t), "fine")
			require.NoError(t, err)
			assert.Equal(t, "fine", v)
		})
	}
	assert.Contains(t, book.String(), "rescue_test.go", "the stack is logged")
}

// unsaid has no text: its String fails as a test does.
type unsaid struct{ _ byte }

func (*unsaid) Hello() string  { return "hello" }
func (*unsaid) String() string { runtime.Goexit(); return "" }

func TestAnObjectWithoutATextHidesNoOther(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	require.NoError(t, s.Register("unsaid", &unsaid{}, nil))
	c := dial(t, serveAt(t, s))
	objects, err := c.Objects(soon(t))
	require.NoError(t, err)
	require.Len(t, objects, 1)
	assert.Equal(t, "<server_test.unsaid object>", objects[0].Text)
	p, err := c.Open(soon(t), "unsaid")
	require.NoError(t, err)
	text, err := p.Call(soon(t), "__str__")
	require.NoError(t, err)
	assert.Equal(t, "<server_test.unsaid object>", text)
}

func TestAConnectionOutlivesTheFailuresOfItsCalls(t *testing.T) {
	s, addr, _ := serveFaulty(t, server.Options{})
	p, err := dial(t, addr).Open(soon(t), "faulty")
	require.NoError(t, err)
	conn := accepted(t, addr)
	for range 2 {
		for _, how := range failures {
			require.NoError(t, conn.SendBytes(context.Background(), callOf(t, p.Token().Ident, how)))
			kind, _ := answerOf(t, conn)
			if how == "fine" {
				assert.Equal(t, "#RETURN", kind)
			} else {
				assert.Equal(t, "#TRACEBACK", kind, how)
			}
		}
	}
	require.NoError(t, conn.Close())
	require.NoError(t, p.Close(soon(t)))
	_, err = s.Shutdown(soon(t))
	require.NoError(t, err, "every connection ends")
}

func TestAConstructorThatFailsEndsTheCallAlone(t *testing.T) {
	_, addr, book := serveFaulty(t, server.Options{})
	c := dial(t, addr)
	for _, typeid := range []string{"panics", "exits", "nothing", "nil", "sliced", "boxed", "mute", "new_rude"} {
		_, err := c.Open(soon(t), typeid)
		var remote *managers.RemoteError
		require.ErrorAs(t, err, &remote, typeid)
		assert.NotContains(t, remote.Text, "secret", typeid)
	}
	assert.Contains(t, book.String(), "server_test.sliced", "the type is for the log")
	p, err := c.Open(soon(t), "faulty")
	require.NoError(t, err, "no lock was left behind")
	v, err := p.Call(soon(t), "fine")
	require.NoError(t, err)
	assert.Equal(t, "fine", v)
}

func TestATextThatFailsIsTheTypesName(t *testing.T) {
	s, addr, book := serveFaulty(t, server.Options{})
	c := dial(t, addr)
	p, err := c.Open(soon(t), "faulty")
	require.NoError(t, err)
	v, err := p.Call(soon(t), "__str__")
	require.NoError(t, err)
	assert.Equal(t, "<server_test.faulty object>", v)
	info, err := c.DebugInfo(soon(t))
	require.NoError(t, err)
	assert.Contains(t, info, "<server_test.faulty object>")
	assert.NotContains(t, info, "secret")
	assert.NotEmpty(t, s.Objects())
	assert.Contains(t, book.String(), "in=String")
	runtime.KeepAlive(p)
}

func TestAValueThatFailsEndsTheCallAlone(t *testing.T) {
	_, addr, _ := serveFaulty(t, server.Options{})
	p, err := dial(t, addr).Open(soon(t), "faulty")
	require.NoError(t, err)
	_, err = p.Call(soon(t), "#GETVALUE")
	require.ErrorContains(t, err, "panicked")
	_, err = p.Call(soon(t), "fine")
	require.NoError(t, err)
}

func TestACloseThatFailsIsLogged(t *testing.T) {
	_, addr, book := serveFaulty(t, server.Options{
		Limits: server.Limits{ObjectGrace: 10 * time.Millisecond}})
	p, err := dial(t, addr).Open(soon(t), "faulty")
	require.NoError(t, err)
	require.NoError(t, p.Close(soon(t)))
	waitFor(t, func() bool { return strings.Contains(book.String(), "in=Close") })
}

func TestASequenceThatFailsEndsTheStepAlone(t *testing.T) {
	_, addr, _ := serveFaulty(t, server.Options{})
	p, err := dial(t, addr).Open(soon(t), "sequences")
	require.NoError(t, err)
	for _, how := range []string{"panics", "exits"} {
		it := iterator(t, p, how)
		v, err := it.Call(soon(t), "__next__")
		require.NoError(t, err)
		assert.Equal(t, int64(1), v)
		_, err = it.Call(soon(t), "__next__")
		var remote *managers.RemoteError
		require.ErrorAs(t, err, &remote, how)
		assert.NotContains(t, remote.Text, "secret")
		_, err = it.Call(soon(t), "__next__")
		require.ErrorIs(t, err, managers.ErrStopIteration)
		require.NoError(t, it.Close(soon(t)))
	}
}

func TestRegistrationSaysWhatCannotWork(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	defer s.Close()
	err = s.Register("sliced", func() sliced { return sliced{} }, nil)
	require.ErrorContains(t, err, "a server_test.sliced, which == cannot compare: return a pointer")
	require.ErrorContains(t, s.Register("mute", &mute{}, nil), "its Methods panics")
	require.NoError(t, s.Register("pointer", func() *sliced { return &sliced{} }, nil))
	require.NoError(t, s.Register("value", sliced{[]int{1}}, nil), "there is one of it, which is known by its name")
}

func TestAValueThatCannotBeComparedCanBeShared(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	require.NoError(t, s.Register("value", sliced{[]int{1}}, nil))
	addr, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	var serving sync.WaitGroup
	serving.Go(func() { _ = s.Serve(context.Background()) })
	t.Cleanup(func() {
		_ = s.Close()
		serving.Wait()
	})
	v, err := dial(t, addr).Call(soon(t), "value", "m")
	require.NoError(t, err)
	assert.Equal(t, "m", v)
}
