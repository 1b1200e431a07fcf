package interop_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/interop"
	"mpbridge/managers"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A calculator is a Go value that Python clients call as they would one of their own.
type calculator struct {
	began, ended chan struct{}
}

type operands struct {
	LeftSide  int
	RightSide *int
}

func (c *calculator) Add(a, b int) int { return a + b }
func (c *calculator) AddAll(first int, more ...int) int {
	for _, n := range more {
		first += n
	}
	return first
}
func (c *calculator) DivMod(a, b int) (int, int) { return a / b, a % b }
func (c *calculator) SumOf(o operands) int       { return o.LeftSide + *o.RightSide }
func (c *calculator) IsNone(o *operands) bool    { return o == nil }
func (c *calculator) Reset()                     {}
func (c *calculator) Print(v any) any            { return v }
func (c *calculator) Fail() error                { return errors.New("no paper") }
func (c *calculator) Panic()                     { panic("/secret/path") }
func (c *calculator) Overdraw() error {
	overdrawn := managers.NewExceptionClass("exposed", "Overdrawn")
	return fmt.Errorf("wrapped: %w", overdrawn.New(6, 7))
}

func (c *calculator) Wait(ctx context.Context) error {
	c.began <- struct{}{}
	<-ctx.Done()
	c.ended <- struct{}{}
	return ctx.Err()
}

func (c *calculator) Count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer func() { c.ended <- struct{}{} }()
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func (c *calculator) Pairs() iter.Seq2[int, bool] {
	return func(yield func(int, bool) bool) { _ = yield(1, true) && yield(2, false) }
}

func (c *calculator) Feed(ctx context.Context) (<-chan int, error) {
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

func (c *calculator) Account() *account { return &account{} }

func (c *calculator) Charge(a *account, n int) int { return a.Deposit(n) }

type account struct {
	mu      sync.Mutex
	balance int
}

func newAccount(balance int) (*account, error) {
	if balance < 0 {
		return nil, errors.New("negative")
	}
	return &account{balance: balance}, nil
}

func (a *account) String() string { return "<account>" }

func (a *account) Deposit(n int) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.balance += n
	return a.balance
}

// order is one request to exposed.py.
type order struct {
	Do     string         `json:"do"`
	Of     string         `json:"of"`
	Method string         `json:"method"`
	As     string         `json:"as,omitempty"`
	Args   []any          `json:"args,omitempty"`
	Kwds   map[string]any `json:"kwds,omitempty"`
}

// answer is its reply.
type answer struct {
	Result any    `json:"result"`
	Error  string `json:"error"`
	Text   string `json:"text"`
}

// call is an order to call the calculator.
func call(method string, args ...any) order {
	return order{Do: "call", Of: "calculator", Method: method, Args: args}
}

// withCalculator runs a test with a stock client of each version.
func withCalculator(t *testing.T, test func(t *testing.T, c *calculator, client *interop.Peer)) {
	t.Helper()
	forEachPython(t, func(t *testing.T, py interop.Python) {
		c := &calculator{began: make(chan struct{}, 8), ended: make(chan struct{}, 8)}
		at := expose(t, c)
		peer := startPeer(t, py, "exposed.py", append(words(at), hex.EncodeToString(rightKey))...)
		test(t, c, peer)
	})
}

// expose serves a calculator until the test ends.
func expose(t *testing.T, c *calculator) connection.Address {
	t.Helper()
	s, err := server.New(&server.Options{
		Authkey: rightKey, Limits: server.Limits{ObjectGrace: 10 * time.Millisecond}})
	require.NoError(t, err)
	require.NoError(t, s.Register("get_calculator", c, &server.RegisterOptions{
		MethodToTypeid: map[string]string{"account": "Account"},
		Params:         map[string][]string{"div_mod": {"a", "b"}, "charge": {"account", "n"}},
	}))
	require.NoError(t, s.Register("Account", newAccount, &server.RegisterOptions{
		Params: map[string][]string{"": {"balance"}, "deposit": {"n"}}}))
	at, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	var serving sync.WaitGroup
	serving.Go(func() { _ = s.Serve(context.Background()) })
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_, err := s.Shutdown(ctx)
		require.NoError(t, err)
		serving.Wait()
	})
	return at
}

func TestPythonCallsExposedGoValues(t *testing.T) {
	withCalculator(t, func(t *testing.T, c *calculator, client *interop.Peer) {
		kwds := call("div_mod", 7)
		kwds.Kwds = map[string]any{"b": 2}
		cases := []struct {
			order order
			want  any
		}{
			{call("add", 1, 2), 3.},
			{call("add_all", 1), 1.},
			{call("add_all", 1, 2, 3), 6.},
			{kwds, []any{3., 1.}},
			{call("sum_of", map[string]any{"left_side": 1, "right_side": 2}), 3.},
			{call("is_none", nil), true},
			{call("reset"), nil},
			{call("print_", []any{"a", 1.5}), []any{"a", 1.5}},
			{call("account"), "<account>"},
			{order{Do: "names", Of: "calculator"}, []any{"account", "add", "add_all", "charge",
				"count", "div_mod", "fail", "feed", "is_none", "overdraw", "pairs", "panic",
				"print_", "reset", "sum_of", "wait"}},
		}
		for _, tc := range cases {
			got := ask[answer](t, client, tc.order)
			assert.Equal(t, answer{Result: tc.want}, got, tc.order.Method)
		}
	})
}

func TestPythonSeesTheErrorsOfExposedGoValues(t *testing.T) {
	withCalculator(t, func(t *testing.T, c *calculator, client *interop.Peer) {
		keyword := call("add", 1)
		keyword.Kwds = map[string]any{"b": 2}
		cases := []struct {
			order       order
			class, text string
		}{
			{call("add", 1), "TypeError", "add expected 2 arguments, got 1"},
			{keyword, "TypeError", "calculator.add() takes no keyword arguments"},
			{call("div_mod", 1), "TypeError",
				"calculator.div_mod() missing 1 required positional argument: 'b'"},
			{call("div_mod", 1, []int{}), "TypeError",
				"calculator.div_mod() argument 'b' must be int, not list"},
			{call("fail"), "RuntimeError", "no paper"},
			{call("overdraw"), "exposed.Overdrawn", "(6, 7)"},
			{call("panic"), "RemoteError", "panicked"},
			{order{Do: "create", Method: "Account", Args: []any{-1}}, "RemoteError",
				"RuntimeError: negative"},
		}
		for _, tc := range cases {
			got := ask[answer](t, client, tc.order)
			assert.Contains(t, got.Error, tc.class)
			assert.Contains(t, got.Text, tc.text)
			assert.NotContains(t, got.Text, "secret")
		}
		assert.Equal(t, answer{Result: 3.}, ask[answer](t, client, call("add", 1, 2)))
	})
}

func TestPythonIteratesOverExposedGoSequences(t *testing.T) {
	withCalculator(t, func(t *testing.T, c *calculator, client *interop.Peer) {
		list := func(method string, args ...any) answer {
			o := call(method, args...)
			o.Do = "list"
			return ask[answer](t, client, o)
		}
		assert.Equal(t, []any{0., 1., 2.}, list("count", 3).Result)
		<-c.ended
		assert.Equal(t, []any{[]any{1., true}, []any{2., false}}, list("pairs").Result)
		assert.Equal(t, []any{0., 1., 2.}, list("feed").Result)
	})
}

func TestAnExposedGoSequenceEndsWhenPythonDropsIt(t *testing.T) {
	withCalculator(t, func(t *testing.T, c *calculator, client *interop.Peer) {
		get := call("count", 3)
		get.As = "it"
		require.Empty(t, ask[answer](t, client, get).Error)
		next := order{Do: "call", Of: "it", Method: "__next__"}
		require.Equal(t, answer{Result: 0.}, ask[answer](t, client, next))
		require.Empty(t, ask[answer](t, client, order{Do: "drop", Of: "it"}).Error)
		<-c.ended
	})
}

func TestPythonMakesExposedGoObjects(t *testing.T) {
	withCalculator(t, func(t *testing.T, c *calculator, client *interop.Peer) {
		create := order{Do: "create", Method: "Account", As: "mine",
			Kwds: map[string]any{"balance": 5}}
		require.Equal(t, answer{}, ask[answer](t, client, create))
		deposit := order{Do: "call", Of: "mine", Method: "deposit", Kwds: map[string]any{"n": 2}}
		assert.Equal(t, answer{Result: 7.}, ask[answer](t, client, deposit))
		charge := call("charge", map[string]any{"object": "mine"}, 3)
		assert.Equal(t, answer{Result: 10.}, ask[answer](t, client, charge))
		get := call("account")
		get.As = "other"
		require.Empty(t, ask[answer](t, client, get).Error)
		deposit.Of = "other"
		assert.Equal(t, answer{Result: 2.}, ask[answer](t, client, deposit))
	})
}

func TestAnExposedGoMethodLearnsThatPythonIsGone(t *testing.T) {
	withCalculator(t, func(t *testing.T, c *calculator, client *interop.Peer) {
		require.NoError(t, client.Send(call("wait")))
		<-c.began
		require.NoError(t, client.Kill())
		<-c.ended
	})
}
