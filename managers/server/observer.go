package server

import (
	"errors"
	"io"
	"time"

	"mpbridge/internal/guard"
)

// Observer is told what clients do, for metrics, traces and logs. Its methods are called in the goroutine of the client
// that they are about, of many clients at once, after a reply was written and before the client's next request is read: what
// they wait for, that client waits for. A panic is logged and ends nothing. Without an Observer nothing is measured.
//
// What clients send as names is in the events as it came, cut to 100 bytes: a label made of it has no bounds.
type Observer interface {
	// ObserveCall is called once for each request that was received.
	ObserveCall(CallEvent)
	// ObserveConnection is called when a connection begins, is refused, or ends.
	ObserveConnection(ConnectionEvent)
}

// Client says whose request or connection it is.
type Client struct {
	Number uint64 // of the connection, as in the log and managers.ClientInfo; never used again
	Key    string // name of the key; empty for the Authkey
	Peer   string // address; empty for a unix socket
	Name   string // what the client calls itself
}

// CallEvent is one request and its reply.
type CallEvent struct {
	Client
	// Object is the name of the object: that which it is shared by, else its typeid. It is empty for functions of the
	// server; of create it is the typeid.
	Object string
	// Kind is what the object is: managers.ObjectInfo.Kind.
	Kind string
	// Method is what was called: of the object, or of the server, such as "create" and "decref".
	Method string
	// Start is when the request had been received.
	Start time.Time
	// Waited is for how long the call waited, for an item or a lock say, and Worked all the rest until the reply was
	// written.
	Waited, Worked time.Duration
	// BytesIn and BytesOut are the lengths of the request and the reply.
	BytesIn, BytesOut int64
	// Reply is what kind of reply it was: "#RETURN", "#ERROR", "#PROXY", "#TRACEBACK" or "#UNSERIALIZABLE". It is empty
	// where none was written, since the client had gone.
	Reply string
	// Err is what the call failed with, nil where it did not.
	Err error
}

// ConnectionChange is what became of a connection.
type ConnectionChange int

const (
	// Connected: the client has authenticated, and is served.
	Connected ConnectionChange = iota
	// Refused: it has authenticated, and a limit did not let it in.
	Refused
	// Disconnected: it was served, and has ended.
	Disconnected
)

// ConnectionEvent is a change of a connection.
type ConnectionEvent struct {
	Client
	Change ConnectionChange
	// Err is why it was refused, or ended; nil where the client closed it.
	Err error
	// Requests is how many it made, and Lasted for how long it was there, when it ends.
	Requests uint64
	Lasted   time.Duration
}

// observation is what a session notes for its server's Observer. It is nil where there is none.
type observation struct {
	call     CallEvent
	received bool // a request, which is not told yet
	requests uint64
}

// maxObserved is how many bytes of a name that a client sent an Observer is told.
const maxObserved = 100

// client describes the session to an Observer.
func (s *session) client() Client {
	c := Client{Number: s.id, Key: s.rights.key, Name: s.name}
	if a := s.conn.RemoteAddr(); a != nil {
		c.Peer = a.String()
	}
	return c
}

// observeRequest notes that a request was received.
func (s *session) observeRequest(bytes int) {
	if o := s.observation; o != nil {
		o.call = CallEvent{Client: s.client(), Start: time.Now(), BytesIn: int64(bytes)}
		o.received = true
		o.requests++
	}
}

// observeMethod notes what the request is for.
func (s *session) observeMethod(method []byte) {
	if o := s.observation; o != nil {
		o.call.Method = string(method[:min(len(method), maxObserved)])
	}
}

// observeWait measures a wait of the call. The function that it returns ends it.
func (s *session) observeWait() func() {
	o := s.observation
	if o == nil {
		return func() {}
	}
	began := time.Now()
	return func() { o.call.Waited += time.Since(began) }
}

// observeError notes what the call failed with.
func (s *session) observeError(err error) {
	if o := s.observation; o != nil {
		o.call.Err = err
	}
}

// observeReply notes a reply that is being written.
func (s *session) observeReply(kind string, bytes int64) {
	if o := s.observation; o != nil {
		o.call.Reply, o.call.BytesOut = kind, bytes
	}
}

// observeUndelivered notes that no reply reached the client.
func (s *session) observeUndelivered(err error) {
	if o := s.observation; o != nil {
		o.call.Reply, o.call.BytesOut, o.call.Err = "", 0, err
	}
}

// observeEnd tells the Observer of the request that has been answered.
func (s *session) observeEnd() {
	o := s.observation
	if o == nil || !o.received {
		return
	}
	o.received = false
	e := &o.call
	switch on := s.uses; {
	case on != nil:
		e.Object, e.Kind = on.name, on.typeid
		if c := classOf(on.object); c != nil {
			e.Kind = c.kind
		}
	case e.Method == createFunction:
		e.Object = s.call.Method[:min(len(s.call.Method), maxObserved)]
	}
	e.Worked = max(time.Since(e.Start)-e.Waited, 0)
	_ = guard.Run(s.log(), "the Observer", func() error {
		s.server.opts.Observer.ObserveCall(*e)
		return nil
	})
}

// createFunction is the function of the server that makes an object.
const createFunction = "create"

// observeConnection tells the Observer what became of the connection.
func (s *session) observeConnection(change ConnectionChange, err error) {
	observer := s.server.opts.Observer
	if observer == nil {
		return
	}
	e := ConnectionEvent{Client: s.client(), Change: change, Err: err}
	if change == Disconnected {
		e.Lasted = time.Since(s.since)
		if s.observation != nil {
			e.Requests = s.observation.requests
		}
	}
	_ = guard.Run(s.log(), "the Observer", func() error {
		observer.ObserveConnection(e)
		return nil
	})
}

// ended is why a connection ended, nil where its client closed it.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
