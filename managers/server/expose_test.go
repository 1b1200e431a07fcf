package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
	"mpbridge/pickle"
)

var errOverdrawn = managers.NewExceptionClass("bank", "Overdrawn")

// person has a field that Python spells in another way, and one with a tag.
type person struct {
	FirstName string
	Age       *int    `pickle:"years"`
	Best      *person `pickle:"best"`
}

// account is what another object makes.
type account struct {
	mu      sync.Mutex
	Owner   string
	balance int
	closed  chan struct{}
}

func (a *account) Deposit(n int) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.balance += n
	return a.balance
}

func (a *account) Close() error {
	if a.closed != nil {
		close(a.closed) // a second time it panics
	}
	return nil
}

// bank has a method of each kind.
type bank struct {
	ended  chan string // what a method saw the end of
	began  chan struct{}
	closed chan struct{}
	shared *account
}

func (b *bank) String() string                     { return "the bank" }
func (b *bank) Add(x, y int) int                   { return x + y }
func (b *bank) Nothing()                           {}
func (b *bank) DivMod(x, y int) (int, int, error)  { return x / y, x % y, nil }
func (b *bank) Sum(first int, more ...int) int     { return first + len(more) }
func (b *bank) GetURL(ctx context.Context) string  { return "mp://" }
func (b *bank) Method(c *server.Call) string       { return c.Method }
func (b *bank) Greet(p person) string              { return p.FirstName }
func (b *bank) Friends(p []person) string          { return p[0].Best.FirstName }
func (b *bank) Years(n *int) bool                  { return n == nil }
func (b *bank) Keep(r pickle.Raw) pickle.Raw       { return r }
func (b *bank) Small(n int8) int8                  { return n }
func (b *bank) Import(map[string][]int)            {}
func (b *bank) Fail() error                        { return errors.New("out of money") }
func (b *bank) Open(name string) (*account, error) { return &account{Owner: name}, nil }
func (b *bank) Shared() *account                   { return b.shared }
func (b *bank) Closable() *account                 { return &account{closed: b.closed} }
func (b *bank) NoAccount() *account                { return nil }
func (b *bank) Into(a *account, n int) int         { return a.Deposit(n) }
func (b *bank) Panic()                             { panic("/secret/path") }
func (b *bank) Overdraw() error {
	return fmt.Errorf("sorry: %w", errOverdrawn.New("by", 7))
}

func (b *bank) Lost() error {
	return fmt.Errorf("reading: %w",
		&fs.PathError{Op: "open", Path: "/secret/path", Err: fs.ErrNotExist})
}

func (b *bank) Wait(ctx context.Context) error {
	b.began <- struct{}{}
	<-ctx.Done()
	b.ended <- "wait"
	return ctx.Err()
}

func (b *bank) Later(ctx context.Context) {
	go func() {
		<-ctx.Done()
		b.ended <- "later"
	}()
}

func (b *bank) Count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer func() { b.ended <- "count" }()
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func (b *bank) Pairs() iter.Seq2[string, int] {
	return func(yield func(string, int) bool) { _ = yield("a", 1) && yield("b", 2) }
}

func (b *bank) Rows() iter.Seq2[int, error] {
	return func(yield func(int, error) bool) { _ = yield(1, nil) && yield(0, errors.New("torn")) }
}

func (b *bank) Broken() iter.Seq[int] {
	return func(func(int) bool) { panic("/secret/path") }
}

func (b *bank) Feed(ctx context.Context) (<-chan int, error) {
	ch := make(chan int)
	go func() {
		defer close(ch)
		for i := range 3 {
			select {
			case ch <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	return ch, nil
}

func (b *bank) Silence(ctx context.Context) <-chan int {
	go func() {
		<-ctx.Done()
		b.ended <- "silence"
	}()
	return make(chan int)
}

func (b *bank) Sleep(ctx context.Context) iter.Seq[int] {
	return func(yield func(int) bool) {
		b.began <- struct{}{}
		<-ctx.Done()
		b.ended <- "sleep"
	}
}

func newBank() *bank {
	return &bank{ended: make(chan string, 8), began: make(chan struct{}, 8),
		closed: make(chan struct{}), shared: &account{}}
}

var bankOptions = &server.RegisterOptions{
	MethodToTypeid: map[string]string{"open": "Account", "shared": "Account", "closable": "Account",
		"no_account": "Account"},
	Params: map[string][]string{"div_mod": {"x", "y"}, "greet": {"who"}, "into": {"account", "n"},
		"friends": {"all"}, "years": {"n"}},
}

// exposing runs a server that register has told what there is, and returns a client of it.
func exposing(
	t *testing.T, o server.Options, register func(s *server.Server),
) (*server.Server, *client.Client) {
	t.Helper()
	o.Authkey = key
	s, err := server.New(&o)
	require.NoError(t, err)
	register(s)
	addr, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	var serving sync.WaitGroup
	serving.Go(func() { _ = s.Serve(context.Background()) })
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_, _ = s.Shutdown(ctx)
		serving.Wait()
	})
	return s, dial(t, addr)
}

// withBank runs a server with a bank.
func withBank(t *testing.T) (*bank, *server.Server, *client.Proxy) {
	t.Helper()
	b := newBank()
	o := server.Options{Limits: server.Limits{ObjectGrace: minGrace}}
	s, c := exposing(t, o, func(s *server.Server) {
		require.NoError(t, s.Register("get_bank", b, bankOptions))
		require.NoError(t, s.Register("Account", func(owner string) *account {
			return &account{Owner: owner}
		}, nil))
	})
	p, err := c.Open(soon(t), "get_bank")
	require.NoError(t, err)
	return b, s, p
}

func TestAnExposedMethodTakesAndReturnsGoValues(t *testing.T) {
	_, _, p := withBank(t)
	kw := func(name string, v any) managers.Kwargs { return managers.Kwargs{name: v} }
	ada := map[string]any{"first_name": "Ada", "years": nil}
	cases := []struct {
		method string
		args   []any
		want   any
	}{
		{"add", []any{1, 2}, int64(3)},
		{"nothing", nil, nil},
		{"div_mod", []any{7, kw("y", 2)}, pickle.Tuple{int64(3), int64(1)}},
		{"sum", []any{1}, int64(1)},
		{"sum", []any{1, 5, 5}, int64(3)},
		{"get_url", nil, "mp://"},
		{"method", nil, "method"},
		{"greet", []any{ada}, "Ada"},
		{"greet", []any{kw("who", map[string]any{"FirstName": "Bob", "first_name": "Ada"})}, "Bob"},
		{"friends", []any{[]any{map[string]any{"best": ada}}}, "Ada"},
		{"years", []any{nil}, true},
		{"years", []any{3}, false},
		{"keep", []any{pickle.Tuple{int64(1)}}, pickle.Tuple{int64(1)}},
		{"import_", []any{map[string][]int{"a": {1}}}, nil},
	}
	for _, tc := range cases {
		t.Run(fmt.Sprint(tc.method, len(tc.args)), func(t *testing.T) {
			got, err := p.Call(soon(t), tc.method, tc.args...)
			require.NoError(t, err)
			assert.Equal(t, tc.want, got)
		})
	}
}

func TestAnExposedMethodRefusesWhatDoesNotFitAsPythonDoes(t *testing.T) {
	_, _, p := withBank(t)
	cases := []struct {
		method string
		args   []any
		want   string
	}{
		{"add", []any{1}, "add expected 2 arguments, got 1"},
		{"add", []any{1, managers.Kwargs{"y": 2}}, "bank.add() takes no keyword arguments"},
		{"greet", nil, "bank.greet() missing 1 required positional argument: 'who'"},
		{"into", nil, "bank.into() missing 2 required positional arguments: 'account' and 'n'"},
		{"div_mod", []any{1, 2, 3}, "bank.div_mod() takes 3 positional arguments but 4 were given"},
		{"nothing", []any{1}, "bank.nothing() takes 1 positional argument but 2 were given"},
		{"greet", []any{managers.Kwargs{"me": 1}},
			"bank.greet() got an unexpected keyword argument 'me'"},
		{"greet", []any{1, managers.Kwargs{"who": 1}},
			"bank.greet() got multiple values for argument 'who'"},
		{"sum", nil, "sum expected at least 1 argument, got 0"},
		{"sum", []any{1, "a"}, "bank.sum() argument 2 must be int, not str"},
		{"greet", []any{1}, "bank.greet() argument 'who' must be dict, not int"},
		{"greet", []any{map[string]any{"years": "x"}},
			"bank.greet() argument 'who'['years'] must be int, not str"},
		{"small", []any{300}, "bank.small() argument 1 must be int, not int (out of range)"},
	}
	for _, tc := range cases {
		t.Run(tc.want, func(t *testing.T) {
			_, err := p.Call(soon(t), tc.method, tc.args...)
			var exc *managers.Exception
			require.ErrorAs(t, err, &exc)
			assert.Equal(t, "TypeError: "+tc.want, exc.Error())
		})
	}
}

func TestAnExposedMethodRaisesItsAuthorsException(t *testing.T) {
	_, _, p := withBank(t)
	_, err := p.Call(soon(t), "overdraw")
	require.ErrorIs(t, err, errOverdrawn)
	var exc *managers.Exception
	require.ErrorAs(t, err, &exc)
	assert.Equal(t, []any{"by", int64(7)}, exc.Args)
}

func TestAnErrorOfAnExposedMethodIsItsTextWithoutPaths(t *testing.T) {
	_, _, p := withBank(t)
	for method, want := range map[string]string{
		"fail": "RuntimeError: out of money",
		"lost": "RuntimeError: reading: open: file does not exist",
	} {
		_, err := p.Call(soon(t), method)
		var exc *managers.Exception
		require.ErrorAs(t, err, &exc)
		assert.Equal(t, want, exc.Error())
	}
}

func TestAPanicOfAnExposedMethodEndsTheCallAlone(t *testing.T) {
	var logged bytes.Buffer
	o := server.Options{Logger: slog.New(slog.NewTextHandler(&logged, nil))}
	s, c := exposing(t, o, func(s *server.Server) {
		require.NoError(t, s.Register("get_bank", newBank(), nil))
		require.NoError(t, s.Register("broken", func() *bank { panic("/secret/path") }, nil))
	})
	_, err := c.Open(soon(t), "broken")
	require.ErrorContains(t, err, "panicked")
	p, err := c.Open(soon(t), "get_bank")
	require.NoError(t, err)
	_, err = p.Call(soon(t), "panic")
	var remote *managers.RemoteError
	require.ErrorAs(t, err, &remote)
	assert.Equal(t, "#TRACEBACK", remote.Kind)
	assert.NotContains(t, remote.Text, "secret")
	_, err = p.Call(soon(t), "add", 1, 2)
	require.NoError(t, err)
	_, err = s.Shutdown(soon(t))
	require.NoError(t, err)
	assert.Contains(t, logged.String(), "panicked")
}

func TestAllClientsShareAnExposedValue(t *testing.T) {
	a := &account{}
	_, c := exposing(t, server.Options{}, func(s *server.Server) {
		require.NoError(t, s.Register("get_account", a, nil))
	})
	for want := range int64(3) {
		got, err := c.Call(soon(t), "get_account", "deposit", 1)
		require.NoError(t, err)
		assert.Equal(t, want+1, got)
	}
	assert.Equal(t, 3, a.balance)
}

// point is exposed by value.
type point struct{ x, y int }

func (p point) Sum() int    { return p.x + p.y }
func (p *point) Move(n int) { p.x += n }

func TestAnExposedValueThatIsNoPointerHasTheMethodsOfOne(t *testing.T) {
	_, c := exposing(t, server.Options{}, func(s *server.Server) {
		require.NoError(t, s.Register("get_point", point{1, 2}, nil))
	})
	p, err := c.Open(soon(t), "get_point")
	require.NoError(t, err)
	_, err = p.Call(soon(t), "move", 10)
	require.NoError(t, err)
	sum, err := p.Call(soon(t), "sum")
	require.NoError(t, err)
	assert.Equal(t, int64(13), sum)
	text, err := p.Repr(soon(t))
	require.NoError(t, err)
	assert.Equal(t, "<server_test.point object>", text)
}

// mover is all that the clients of a constructor may see.
type mover interface{ Sum() int }

func TestAnExposedConstructorMakesAnObjectForEachCreate(t *testing.T) {
	newPoint := func(ctx context.Context, x int, more ...int) (mover, error) {
		if x < 0 {
			return nil, managers.ErrValueError.New("negative")
		}
		return point{x, len(more)}, ctx.Err()
	}
	_, c := exposing(t, server.Options{}, func(s *server.Server) {
		require.NoError(t, s.Register("Point", newPoint,
			&server.RegisterOptions{Params: map[string][]string{"": {"x"}}}))
	})
	p, err := c.Open(soon(t), "Point", 1, 0, 0)
	require.NoError(t, err)
	assert.Equal(t, []string{"sum"}, p.Methods())
	q, err := c.Open(soon(t), "Point", managers.Kwargs{"x": 5})
	require.NoError(t, err)
	assert.NotEqual(t, p.Token().Ident, q.Token().Ident)
	sum, err := p.Call(soon(t), "sum")
	require.NoError(t, err)
	assert.Equal(t, int64(3), sum)
	_, err = c.Open(soon(t), "Point", -1)
	require.ErrorIs(t, err, managers.ErrValueError)
	_, err = c.Open(soon(t), "Point")
	require.ErrorContains(t, err, "Point() missing 1 required positional argument: 'x'")
}

func TestAResultOfAnExposedMethodIsAnObject(t *testing.T) {
	_, _, p := withBank(t)
	v, err := p.Call(soon(t), "open", "ada")
	require.NoError(t, err)
	ada := v.(*client.Proxy)
	assert.Equal(t, "Account", ada.Token().Typeid)
	assert.Equal(t, []string{"close", "deposit"}, ada.Methods())
	n, err := ada.Call(soon(t), "deposit", 5)
	require.NoError(t, err)
	assert.Equal(t, int64(5), n)
	n, err = p.Call(soon(t), "into", ada, 6)
	require.NoError(t, err)
	assert.Equal(t, int64(11), n, "a proxy as an argument is the Go value")
	_, err = p.Call(soon(t), "no_account")
	require.Error(t, err)
}

func TestAValueThatIsExposedTwiceIsOneObject(t *testing.T) {
	_, _, p := withBank(t)
	first, err := p.Call(soon(t), "shared")
	require.NoError(t, err)
	second, err := p.Call(soon(t), "shared")
	require.NoError(t, err)
	assert.Equal(t, first.(*client.Proxy).Token().Ident, second.(*client.Proxy).Token().Ident)
}

func TestAnExposedResultIsClosedWithItsLastProxy(t *testing.T) {
	b, _, p := withBank(t)
	v, err := p.Call(soon(t), "closable")
	require.NoError(t, err)
	require.NoError(t, v.(*client.Proxy).Close(soon(t)))
	<-b.closed
	v, err = p.Call(soon(t), "closable") // a Close that panics harms nobody
	require.NoError(t, err)
	require.NoError(t, v.(*client.Proxy).Close(soon(t)))
	waitFor(t, func() bool {
		_, err = v.(*client.Proxy).Call(soon(t), "deposit", 1)
		return errors.Is(err, managers.ErrKeyError)
	})
	_, err = p.Call(soon(t), "nothing")
	require.NoError(t, err)
}

func TestASharedExposedValueStaysTheProgramsOwn(t *testing.T) {
	a := &account{closed: make(chan struct{})}
	s, _ := exposing(t, server.Options{}, func(s *server.Server) {
		require.NoError(t, s.Register("get_account", a, nil))
	})
	_, err := s.Shutdown(soon(t))
	require.NoError(t, err)
	select {
	case <-a.closed:
		t.Error("closed")
	default:
	}
}

func TestTheContextOfAnExposedMethodEndsWithItsClient(t *testing.T) {
	b, _, p := withBank(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err := p.Call(ctx, "wait")
	require.Error(t, err)
	assert.Equal(t, "wait", <-b.ended)
}

func TestTheContextOfAnExposedMethodEndsWithTheCall(t *testing.T) {
	b, _, p := withBank(t)
	_, err := p.Call(soon(t), "later")
	require.NoError(t, err)
	assert.Equal(t, "later", <-b.ended)
}

func TestTheContextOfAnExposedMethodEndsWithTheTimeThatTheServerGivesIt(t *testing.T) {
	b, s, p := withBank(t)
	failed := make(chan error, 1)
	go func() {
		_, err := p.Call(context.Background(), "wait")
		failed <- err
	}()
	<-b.began
	grace, cancel := context.WithCancel(t.Context())
	over := make(chan server.Report, 1)
	go func() {
		r, _ := s.Shutdown(grace)
		over <- r
	}()
	<-s.Stopping()
	waitFor(t, func() bool { return s.Stats().Connections == 1 }) // those that waited are gone
	assert.Empty(t, b.ended)
	cancel()
	assert.Equal(t, 1, (<-over).Cut)
	assert.Equal(t, "wait", <-b.ended)
	require.Error(t, <-failed)
}

// step asks an iterator for its next value.
func step(t *testing.T, p *client.Proxy) (any, error) {
	t.Helper()
	return p.Call(soon(t), "__next__")
}

// iterator calls a method that returns one.
func iterator(t *testing.T, p *client.Proxy, method string, args ...any) *client.Proxy {
	t.Helper()
	v, err := p.Call(soon(t), method, args...)
	require.NoError(t, err)
	require.IsType(t, &client.Proxy{}, v)
	return v.(*client.Proxy)
}

func TestAnExposedSequenceIsIteratedOver(t *testing.T) {
	b, _, p := withBank(t)
	for _, tc := range []struct {
		method string
		args   []any
		want   []any
	}{
		{"count", []any{3}, []any{int64(0), int64(1), int64(2)}},
		{"pairs", nil, []any{pickle.Tuple{"a", int64(1)}, pickle.Tuple{"b", int64(2)}}},
		{"feed", nil, []any{int64(0), int64(1), int64(2)}},
	} {
		it := iterator(t, p, tc.method, tc.args...)
		assert.Equal(t, "Iterator", it.Token().Typeid)
		for _, want := range tc.want {
			got, err := step(t, it)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		}
		for range 2 {
			_, err := step(t, it)
			require.ErrorIs(t, err, managers.ErrStopIteration)
		}
	}
	assert.Equal(t, "count", <-b.ended)
}

func TestAnExposedSequenceCanFail(t *testing.T) {
	_, _, p := withBank(t)
	it := iterator(t, p, "rows")
	v, err := step(t, it)
	require.NoError(t, err)
	assert.Equal(t, int64(1), v)
	_, err = step(t, it)
	require.ErrorContains(t, err, "torn")
	_, err = step(t, iterator(t, p, "broken"))
	require.ErrorContains(t, err, "panicked")
}

func TestAnExposedSequenceEndsWithItsLastProxy(t *testing.T) {
	b, _, p := withBank(t)
	it := iterator(t, p, "count", 3)
	_, err := step(t, it)
	require.NoError(t, err)
	require.NoError(t, it.Close(soon(t)))
	assert.Equal(t, "count", <-b.ended)
	require.NoError(t, iterator(t, p, "silence").Close(soon(t)))
	assert.Equal(t, "silence", <-b.ended)
}

func TestAnExposedSequenceCanBeClosedByAClient(t *testing.T) {
	b, _, p := withBank(t)
	it := iterator(t, p, "count", 3)
	_, err := step(t, it)
	require.NoError(t, err)
	_, err = it.Call(soon(t), "close")
	require.NoError(t, err)
	assert.Equal(t, "count", <-b.ended)
	_, err = step(t, it)
	require.ErrorIs(t, err, managers.ErrStopIteration)
}

func TestAnExposedChannelEndsWithTheServer(t *testing.T) {
	b, s, p := withBank(t)
	it := iterator(t, p, "silence")
	failed := make(chan error, 1)
	go func() {
		_, err := it.Call(context.Background(), "__next__")
		failed <- err
	}()
	_, err := s.Shutdown(soon(t))
	require.NoError(t, err)
	assert.Equal(t, "silence", <-b.ended)
	err = <-failed
	require.Error(t, err)
	assert.NotErrorIs(t, err, managers.ErrStopIteration)
}

func TestAStepOfAnExposedSequenceEndsWithTheTimeThatTheServerGivesIt(t *testing.T) {
	b, s, p := withBank(t)
	it := iterator(t, p, "sleep")
	failed := make(chan error, 1)
	go func() {
		_, err := it.Call(context.Background(), "__next__")
		failed <- err
	}()
	<-b.began
	grace, cancel := context.WithCancel(t.Context())
	over := make(chan server.Report, 1)
	go func() {
		r, _ := s.Shutdown(grace)
		over <- r
	}()
	<-s.Stopping()
	waitFor(t, func() bool { return s.Stats().Connections == 1 }) // those that waited are gone
	assert.Empty(t, b.ended)
	cancel()
	assert.Equal(t, 1, (<-over).Cut)
	assert.Equal(t, "sleep", <-b.ended)
	err := <-failed
	require.Error(t, err)
	assert.NotErrorIs(t, err, managers.ErrStopIteration)
}

func TestAStepOfAnExposedSequenceEndsWithItsClient(t *testing.T) {
	b, s, p := withBank(t)
	it := iterator(t, p, "sleep")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err := it.Call(ctx, "__next__")
	require.Error(t, err)
	assert.Equal(t, "sleep", <-b.ended)
	silent := iterator(t, p, "silence")
	ctx, cancel = context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err = silent.Call(ctx, "__next__")
	require.Error(t, err)
	waitFor(t, func() bool { return s.Stats().Connections <= 1 })
}

// The rest is what cannot be registered.

type clashing struct{}

func (clashing) GetURL() {}
func (clashing) GetUrl() {}

type foreign struct{}

func (foreign) Größe() {}

type unfit struct{}

func (unfit) Good()                   {}
func (unfit) Callback(func())         {}
func (unfit) Send() chan<- int        { return nil }
func (unfit) Many() (int, chan int)   { return 0, nil }
func (unfit) Wraps() error            { return nil }
func (unfit) Stringer([]fmt.Stringer) {}

type silent struct{ sync.Mutex }

func TestWhatCannotBeExposedIsRefused(t *testing.T) {
	opts := func(exposed ...string) server.RegisterOptions {
		return server.RegisterOptions{Exposed: exposed}
	}
	cases := []struct {
		typeid string
		what   any
		o      server.RegisterOptions
		want   string
	}{
		{"x y", unfit{}, opts("good"), "typeid"},
		{"x", nil, opts(), "nothing to register"},
		{"x", (*unfit)(nil), opts(), "nothing to register"},
		{"x", &silent{}, opts(), "no methods"},
		{"x", clashing{}, opts(), "both get_url in Python"},
		{"x", unfit{}, opts("good", "bad"), `no method "bad"`},
		{"x", unfit{}, opts("callback"), "a parameter cannot be a func()"},
		{"x", unfit{}, opts("send"), "a result cannot be a chan<- int"},
		{"x", unfit{}, opts("many"), "a chan int is not the only result"},
		{"x", unfit{}, opts("stringer"), "parameter of type fmt.Stringer"},
		{"x", unfit{}, server.RegisterOptions{Exposed: []string{"good"},
			Params: map[string][]string{"good": {"a"}}}, "1 names for 0 parameters"},
		{"x", unfit{}, server.RegisterOptions{Exposed: []string{"good"},
			Params: map[string][]string{"bad": {"a"}}}, `no method "bad" to name`},
		{"x", unfit{}, server.RegisterOptions{Exposed: []string{"good"},
			Params: map[string][]string{"": {"a"}}}, `no method "" to name`},
		{"x", unfit{}, server.RegisterOptions{Exposed: []string{"good"},
			MethodToTypeid: map[string]string{"bad": "x"}}, `no method "bad" whose result`},
		{"x", unfit{}, server.RegisterOptions{Exposed: []string{"good"},
			MethodToTypeid: map[string]string{"good": "x"}}, "0 results cannot become a x"},
		{"x", unfit{}, server.RegisterOptions{Exposed: []string{"good"},
			MethodToTypeid: map[string]string{"good": ""}}, "without a typeid"},
		{"x", foreign{}, opts(), "no name that every Python can use"},
		{"x", &echo{}, opts("sum"), "an Object names its methods"},
		{"x", queue.New, opts("get"), "an Object names its methods"},
		{"x", func() int { return 0 }, opts(), "no methods"},
		{"x", func(map[string]chan int) *bank { return nil }, opts(), "cannot be a chan int"},
		{"x", func() {}, opts(), "a constructor returns one value, not 0"},
		{"x", func() (unfit, int) { return unfit{}, 0 }, opts(), "not 2"},
		{"x", func(func()) *bank { return nil }, opts(), "a parameter cannot be a func()"},
		{"x", func(int) *bank { return nil },
			server.RegisterOptions{Params: map[string][]string{"x": {"in"}}}, "parameter names"},
	}
	for _, tc := range cases {
		t.Run(tc.want, func(t *testing.T) {
			s, err := server.New(&server.Options{Authkey: key})
			require.NoError(t, err)
			require.ErrorContains(t, s.Register(tc.typeid, tc.what, &tc.o), tc.want)
		})
	}
}

func TestATypeidIsExposedOnce(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: key})
	require.NoError(t, err)
	require.NoError(t, s.Register("x", &bank{}, nil))
	require.ErrorContains(t, s.Register("x", &bank{}, nil), "registered already")
}
