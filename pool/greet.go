package pool

import (
	"context"
	"errors"
	"time"

	"mpbridge/connection"
	"mpbridge/pickle"
)

// start starts a process and makes it ready for tasks.
func (s *slot) start() (*worker, error) {
	p := s.pool
	from, err := p.starter(s.ctx)
	if err != nil {
		return nil, err
	}
	select {
	case p.starting <- struct{}{}:
		defer func() { <-p.starting }()
	case <-s.ctx.Done():
		return nil, errStopped
	}
	r, err := p.workerSetup(s.number)
	if err != nil {
		return nil, &StartError{Python: p.python, Err: err}
	}
	proc, conn, err := p.bringUp(s.ctx, r, from)
	if err != nil {
		return nil, err
	}
	return &worker{pool: p, slot: s, proc: proc, conn: conn, wake: make(chan struct{}, 1),
		gone: make(chan struct{})}, nil
}

// starter returns what starts workers now.
func (p *Pool) starter(ctx context.Context) (starter, error) {
	if p.servers == nil {
		return p.spawn(script), nil
	}
	server, err := p.servers.get(ctx)
	if err != nil {
		return nil, err
	}
	return server.fork, nil
}

// bringUp starts a process and greets it.
func (p *Pool) bringUp(ctx context.Context, r setup, start starter) (*process, *connection.Conn, error) {
	proc, conn, err := p.launch(r.number, start)
	if err != nil {
		return nil, nil, &StartError{Python: p.python, Err: err}
	}
	_ = conn.SetDeadline(time.Now().Add(p.opts.StartTimeout))
	if err = p.greet(ctx, r, proc, conn); err != nil {
		return nil, nil, p.startError(proc, conn, err)
	}
	_ = conn.SetDeadline(time.Time{})
	return proc, conn, nil
}

// startError ends a process that did not become ready, and says why it did not.
func (p *Pool) startError(proc *process, conn *connection.Conn, cause error) error {
	died := connection.IsDisconnect(cause)
	if died {
		proc.expect(leaveTime)
	} else {
		proc.end(nil)
	}
	<-proc.exited
	_ = conn.Close()
	if errors.Is(cause, context.Canceled) {
		return errStopped
	}
	e := &StartError{Python: p.python, Exit: proc.exit, Stderr: proc.lastLines()}
	if e.Err = proc.lost; !died {
		e.Err = cause
	}
	return e
}

// errGreeting says that the first message is none that worker.py sends.
var errGreeting = errors.New("the message is not a greeting")

// errStopped is the error of a start that was no longer wanted.
var errStopped = errors.New("pool: stopped while starting")

// greet goes through the messages before the first task; see the package comment.
func (p *Pool) greet(ctx context.Context, r setup, proc *process, conn *connection.Conn) error {
	msg, err := conn.RecvBytes(ctx)
	if err != nil {
		return err
	}
	o, err := parseHello(msg)
	if err != nil {
		return err
	}
	if o.NativeBytes && p.servers != nil {
		return &StartMethodError{Method: Forkserver, Reason: "needs Python 3"}
	}
	p.learn(o)
	setup, err := o.Marshal(r.greeting)
	if err != nil {
		return err
	}
	if err := conn.SendBytes(ctx, setup); err != nil {
		return err
	}
	init, err := o.Buffers(pickle.Tuple{r.fn, r.args})
	if err != nil {
		return err
	}
	if err := conn.SendBuffers(ctx, init); err != nil {
		return err
	}
	if msg, err = conn.RecvBytes(ctx); err != nil {
		return err
	}
	ready, err := parseResult(msg)
	if err != nil || ready.ok {
		return err
	}
	return remoteError(ready, r.name, r.number, proc.pid)
}

// learn notes what the workers, which all run the same interpreter, can read.
func (p *Pool) learn(o *pickle.EncodeOptions) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.encode == nil {
		p.encode = o
		p.long = o.Protocol >= 5 // both came with 3.8
	}
}

// parseHello reads (highest protocol, whether str is bytes).
func parseHello(msg []byte) (*pickle.EncodeOptions, error) {
	var fields []any
	if err := pickle.Unmarshal(msg, &fields); err != nil {
		return nil, err
	}
	if len(fields) != 2 {
		return nil, errGreeting
	}
	highest, isInt := fields[0].(int64)
	native, isBool := fields[1].(bool)
	if !isInt || !isBool || highest < 2 {
		return nil, errGreeting
	}
	return &pickle.EncodeOptions{Protocol: int(min(highest, pickle.HighestProtocol)),
		NativeBytes: native}, nil
}
