package queues

import (
	"errors"
	"math"

	"mpbridge/connection"
	"mpbridge/internal/pipeend"
	"mpbridge/pickle"
)

// Pipe is multiprocessing.Pipe: two Conns that are connected, of which a process that is started gets one or
// both, by a Pickler. With duplex both receive and send, else a receives and b sends, which Python calls
// Pipe(False). This process closes the one that it does not use, once it has been pickled.
//
// Neither is ever switched to non-blocking, which would be so for the other process too.
func Pipe(duplex bool, o *Options) (a, b *connection.Conn, err error) {
	if o, err = o.check(); err != nil {
		return nil, nil, err
	}
	pair := pipeend.Pipe
	if duplex {
		pair = pipeend.Socketpair
	}
	r, w, err := pair()
	if err != nil {
		return nil, nil, err
	}
	if a, err = o.conn(r); err != nil {
		_ = w.Close()
		return nil, nil, err
	}
	if b, err = o.conn(w); err != nil {
		_ = a.Close()
		return nil, nil, err
	}
	return a, b, nil
}

// conn makes a Conn of an end and takes it over.
func (o *Options) conn(e *pipeend.End) (*connection.Conn, error) {
	return connection.NewConn(e.NetConn(), o.connection())
}

var errNoPipe = errors.New("queues: a Conn that is no end of a Pipe cannot be given to a process that is started")

// conn is what a Connection becomes: the call of a function that makes one of a descriptor.
func (p *Pickler) conn(c *connection.Conn) (*pickle.Object, error) {
	if e, ok := pipeend.Of(c.NetConn()); ok {
		readable, writable, err := e.Access()
		if err != nil {
			return nil, err
		}
		return p.end(e, readable, writable)
	}
	return nil, errNoPipe
}

func (u *Unpickler) conn(o *pickle.Object) (any, error) {
	o2, err := u.Options.check()
	if err != nil {
		return nil, err
	}
	e, err := u.end("Connection", o)
	if err != nil {
		return nil, err
	}
	return o2.conn(e)
}

// end is an end as a Connection: rebuild_connection(_DupFd, readable, writable) where _DupFd has an attribute fd, and
// _multiprocessing.Connection(fd, readable, writable) in 2.7.
func (p *Pickler) end(e *pipeend.End, readable, writable bool) (*pickle.Object, error) {
	if p.Duplicate == nil {
		return nil, ErrNoDescriptors
	}
	f, err := e.Blocking()
	if err != nil {
		return nil, err
	}
	fd, err := p.Duplicate(f)
	if err != nil {
		return nil, err
	}
	o := &pickle.Object{
		Kind: pickle.Reduce, Class: pickle.Global{Module: moduleConnection, Name: "rebuild_connection"},
		Args: pickle.Tuple{dupFd(fd), readable, writable},
	}
	if p.sync().Python2 {
		o.Class = pickle.Global{Module: modulePython2, Name: "Connection"}
		o.Args = pickle.Tuple{int64(fd), readable, writable}
	}
	return o, nil
}

func dupFd(fd int) *pickle.Object {
	return &pickle.Object{
		Kind: pickle.NewObj, Class: pickle.Global{Module: moduleSpawn, Name: "_DupFd"}, Args: pickle.Tuple{},
		State: pickle.NewDict("fd", int64(fd)), HasState: true,
	}
}

// end makes an end of a pickled Connection.
func (u *Unpickler) end(class string, v any) (*pipeend.End, error) {
	o, ok := v.(*pickle.Object)
	if !ok {
		return nil, &StateError{class, "reader and writer are no Connections"}
	}
	args, _ := o.Args.(pickle.Tuple)
	if o.Kind != pickle.Reduce || len(args) != 3 {
		return nil, &StateError{class, "a Connection is not the call of a function with three arguments"}
	}
	fd, err := u.number(class, o.Class, args[0])
	if err != nil {
		return nil, err
	}
	readable, ok1 := args[1].(bool)
	writable, ok2 := args[2].(bool)
	if !ok1 || !ok2 {
		return nil, &StateError{class, "whether a Connection is readable and writable is no bool"}
	}
	return u.inherit(class, fd, readable, writable)
}

// number reads which descriptor a Connection is made of.
func (u *Unpickler) number(class string, by, v any) (int, error) {
	switch by {
	case pickle.Global{Module: moduleConnection, Name: "rebuild_connection"}:
		d, ok := v.(*pickle.Object)
		if !ok {
			return 0, &StateError{class, "a Connection is made of no _DupFd"}
		}
		g, _ := d.Class.(pickle.Global)
		if d.Kind != pickle.NewObj || g.Name != "_DupFd" || g.Module != moduleSpawn {
			return 0, &StateError{class, "a Connection is made of no _DupFd of a process that is spawned"}
		}
		v, _ = d.Attrs().Get("fd")
	case pickle.Global{Module: modulePython2, Name: "Connection"}:
	default:
		return 0, &StateError{class, "reader and writer are no Connections"}
	}
	if fd, ok := intAt(v, math.MaxInt32); ok {
		return fd, nil
	}
	return 0, &StateError{class, "a descriptor is no number"}
}

// inherit makes an end of a duplicate, for the same descriptor may occur in another object.
func (u *Unpickler) inherit(class string, fd int, readable, writable bool) (*pipeend.End, error) {
	e, err := pipeend.InheritCopy(fd)
	if err != nil {
		return nil, err
	}
	u.came = append(u.came, fd)
	r, w, err := e.Access()
	if err == nil && (readable && !r || writable && !w) {
		err = &StateError{class, "a descriptor is open for the other direction"}
	}
	if err != nil {
		_ = e.Close()
		return nil, err
	}
	return e, nil
}
