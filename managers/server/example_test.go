package server_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
)

// sums is a Go value that clients call.
type sums struct{}

func (*sums) Add(a, b int) int { return a + b }

// A server that offers a queue and a Go value until its context ends.
func Example() {
	ctx, key := context.Background(), []byte("secret")
	srv, err := server.New(&server.Options{Authkey: key})
	if err != nil {
		fmt.Println(err)
		return
	}
	jobs, err := srv.RegisterQueue("get_jobs", nil) // clients: register("get_jobs"), manager.get_jobs()
	if err != nil {
		fmt.Println(err)
		return
	}
	err = srv.Register("calculator", &sums{}, nil) // a Go value: manager.calculator().add(1, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = srv.Listen("127.0.0.1:50000")
	if err != nil {
		fmt.Println(err)
		return
	}
	go srv.Serve(ctx)
	err = jobs.Put(ctx, "job")
	fmt.Println(err)
}

// A server for stock Python clients, which say
// BaseManager.register('jobs'); m = BaseManager(address, b'secret'); m.connect(); m.jobs().get().
func ExampleNew() {
	srv, err := server.New(&server.Options{Authkey: []byte("secret")})
	if err != nil {
		fmt.Println(err)
		return
	}
	jobs, _ := srv.RegisterQueue("jobs", &queue.Options{MaxSize: 100})
	addr, err := srv.Listen("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go srv.Serve(context.Background())
	_ = jobs.Put(context.Background(), map[string]any{"id": 1})

	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	report, _ := srv.Shutdown(ctx)
	fmt.Println(addr.Network, "items left:", report.Items())
	// Output: tcp items left: 1
}

// calculator is a value of the program; Python clients say
// BaseManager.register('get_calculator'); ...; m.get_calculator().int_div(7, divisor=2).
type calculator struct{}

func (calculator) IntDiv(ctx context.Context, n, divisor int) (int, error) {
	if divisor == 0 {
		class := managers.NewExceptionClass("builtins", "ZeroDivisionError")
		return 0, class.New("division by zero")
	}
	return n / divisor, nil
}

// Countdown is iterated over by the client: for i in calculator.countdown(3).
func (calculator) Countdown(from int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := from; i > 0 && yield(i); i-- {
		}
	}
}

func ExampleServer_Register() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	srv, _ := server.New(&server.Options{Authkey: []byte("secret")})
	err := srv.Register("get_calculator", calculator{}, &server.RegisterOptions{
		Params: map[string][]string{"int_div": {"n", "divisor"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	addr, _ := srv.Listen("127.0.0.1:0")
	go srv.Serve(ctx)
	defer srv.Close()

	cl, err := client.Dial(ctx, addr.String(), &client.Options{Authkey: []byte("secret")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cl.Close()
	n, _ := cl.Call(ctx, "get_calculator", "int_div", 7, managers.Kwargs{"divisor": 2})
	_, err = cl.Call(ctx, "get_calculator", "int_div", 7, 0)
	fmt.Println(n, err)
	// Output: 3 managers: int_div: ZeroDivisionError: division by zero
}

// A worker's key takes from one queue, puts into another, and does nothing else.
func ExampleServer_keys() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	srv, err := server.New(&server.Options{Keys: []server.Key{
		{Name: "boss", Secret: []byte("top secret"), Role: server.RoleAdmin},
		{Name: "worker", Secret: []byte("secret"), Role: server.RoleConsume,
			Names: []string{"jobs", "produce:results"}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	jobs, _ := srv.RegisterQueue("jobs", nil)
	_ = jobs.Put(ctx, 1)
	addr, _ := srv.Listen("127.0.0.1:0")
	go srv.Serve(ctx)
	defer srv.Close()

	worker, err := client.Dial(ctx, addr.String(), &client.Options{Authkey: []byte("secret")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer worker.Close()
	q, _ := client.OpenQueueOf[int](ctx, worker, "jobs")
	n, _ := q.Get(ctx)
	fmt.Println(n)
	fmt.Println(errors.Is(q.Put(ctx, 2), managers.ErrPermission))
	fmt.Println(errors.Is(worker.ShutdownServer(ctx), managers.ErrPermission))
	// Output:
	// 1
	// true
	// true
}

// tally is an Object: its methods stand in a table, with who may call them and the names of their parameters.
type tally struct{ n atomic.Int64 }

var tallyMethods = server.Methods[*tally]{
	"add":   server.Def(server.RoleProduce, "Tally.add", (*tally).add, 0, "by"),
	"value": server.Def(server.RoleReadOnly, "Tally.value", (*tally).value, 0),
}

func (c *tally) Methods() []string                   { return tallyMethods.Names() }
func (c *tally) Call(call *server.Call) (any, error) { return tallyMethods.Call(c, call) }
func (c *tally) value(*server.Call) (any, error)     { return c.n.Load(), nil }
func (c *tally) add(call *server.Call) (any, error) {
	by, err := call.Int(0, 1)
	if err != nil {
		return nil, err
	}
	c.n.Add(int64(by))
	return nil, nil
}

// A type of objects that every client makes its own of: m.Tally().add(by=2).
func ExampleMethods() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	srv, _ := server.New(&server.Options{Authkey: []byte("secret")})
	err := srv.RegisterType("Tally", server.Type{
		New:    func(*server.Call) (server.Object, error) { return new(tally), nil },
		Access: tallyMethods.Access(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	addr, _ := srv.Listen("127.0.0.1:0")
	go srv.Serve(ctx)
	defer srv.Close()

	cl, err := client.Dial(ctx, addr.String(), &client.Options{Authkey: []byte("secret")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cl.Close()
	c, _ := cl.Open(ctx, "Tally")
	_, _ = c.Call(ctx, "add")
	_, _ = c.Call(ctx, "add", managers.Kwargs{"by": 2})
	_, err = c.Call(ctx, "add", 1, 2)
	n, _ := c.Call(ctx, "value")
	fmt.Println(n, err)
	// Output: 3 managers: add: TypeError: Tally.add() takes from 1 to 2 positional arguments but 3 were given
}

// slow is an Observer that notes the calls which took long to answer.
type slow struct{ over time.Duration }

func (s slow) ObserveCall(e server.CallEvent) {
	if e.Worked > s.over {
		fmt.Println(e.Key, e.Object, e.Method, e.Worked)
	}
}

func (slow) ObserveConnection(e server.ConnectionEvent) {
	if e.Change == server.Refused {
		fmt.Println("refused:", e.Peer, e.Err)
	}
}

// What clients do is told to an Observer, for metrics, traces and logs.
func ExampleObserver() {
	srv, err := server.New(&server.Options{Authkey: []byte("secret"), Observer: slow{over: time.Second}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	// Output:
}
