package client

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/internal/wire"
	"mpbridge/pickle"
)

// Options are the settings of a Client.
type Options struct {
	// Authkey is the manager's secret.
	Authkey []byte
	// Digests says which digests the handshake may use.
	Digests connection.DigestPolicy
	// TLS, if not nil, is how connections begin: the manager listens with Server.ListenTLS, or behind a
	// tunnel.
	TLS *tls.Config
	// MaxMessage is how long a reply may be, in bytes; 0 means DefaultMaxMessage. A call with a longer
	// one fails with a *connection.LimitError, and takes nothing from a queue of our server.
	MaxMessage int64
	// Serializer is how messages are laid out; empty is Pickle. It must be the manager's.
	Serializer managers.Serializer
	// MaxIdle is how many connections are kept for the next call; 0 means DefaultMaxIdle.
	MaxIdle int
	// RetryFor is for how long Dial tries again while nobody listens yet; 0 means not at all.
	RetryFor time.Duration
	// ServerAddress is the manager's address as the manager itself has it, where that is known and
	// differs from the one dialled (a forwarded port, a name). It goes into proxies that are sent as
	// values, see Proxy.MarshalPickle. The zero Address means that the manager is asked. (It is asked in any case,
	// once, which package its proxies are of, where nothing that it sent has said so.)
	ServerAddress connection.Address
	// Naive is the time zone of datetimes in results and items that have none, where they are put into a
	// time.Time: see pickle.DecodeOptions. nil means that they are an error then.
	Naive *time.Location
}

// DefaultMaxIdle is how many idle connections a Client keeps.
const DefaultMaxIdle = 8

// Client is a program's side of a manager that runs elsewhere, Python's or ours: what
// BaseManager.connect() gives in Python.
//
// Any number of goroutines may use one Client: each call has a connection to itself while it lasts.
type Client struct {
	addr    connection.Address
	opts    Options
	dialect pickle.Dialect
	life    context.Context // ends with Close
	end     context.CancelFunc
	own     ownAddress
	module  atomic.Pointer[string] // of managers, which the manager's proxies come from; nil: none was seen

	mu     sync.Mutex // all below
	idle   []*connection.Conn
	pinned map[*connection.Conn]struct{} // those of owners
	asking sync.WaitGroup                // goroutines that wait for an iterator's next value
	held   map[*held]struct{}
	lost   []*held // of proxies that were collected
	tidy   bool    // a goroutine is giving the lost ones back
	closed bool
	tidier sync.WaitGroup
}

// ErrClosed is what calls return after Close.
var ErrClosed = errors.New("managers: the client is closed")

// Dial connects to a manager and checks that it answers: BaseManager.connect(). address is "host:port" or the path of a
// unix socket, as connection.ParseAddress reads it. ctx bounds that. A wrong
// key is an error that errors.Is finds to be connection.ErrAuth.
func Dial(ctx context.Context, address string, o *Options) (*Client, error) {
	addr, err := connection.ParseAddress(address)
	if err != nil {
		return nil, err
	}
	c := &Client{
		addr: addr, dialect: wire.Python3Server,
		held: make(map[*held]struct{}), pinned: make(map[*connection.Conn]struct{}),
	}
	if o != nil {
		c.opts = *o
	}
	if c.opts.Serializer, err = c.opts.Serializer.Check(); err != nil {
		return nil, err
	}
	c.life, c.end = context.WithCancel(context.Background())
	c.opts.MaxMessage = cmp.Or(c.opts.MaxMessage, managers.DefaultMaxMessage)
	c.opts.MaxIdle = cmp.Or(c.opts.MaxIdle, DefaultMaxIdle)
	_, err = c.ask(ctx, "dummy")
	if remote := (*managers.RemoteError)(nil); errors.As(err, &remote) && remote.Kind == wire.KindTraceback {
		// Python 2 cannot read what Python 3 was asked in.
		c.dialect = wire.Python2Server
		_, err = c.ask(ctx, "dummy")
	}
	if err != nil {
		c.end()
		return nil, err
	}
	return c, nil
}

// Address returns where the manager is.
func (c *Client) Address() connection.Address { return c.addr }

// dial opens a connection whose first request leaves with the end of the handshake.
func (c *Client) dial(ctx context.Context, first [][]byte) (*connection.Conn, error) {
	o := connection.Options{MaxMessage: c.opts.MaxMessage, ReadBuffer: wire.SmallMessage}
	if c.dialect.NativeBytes {
		o.MaxSend = wire.ShortFrames
	}
	return connection.Dial(ctx, c.addr.String(), &connection.DialOptions{
		Options:      o,
		Authkey:      c.opts.Authkey,
		Digests:      c.opts.Digests,
		TLS:          c.opts.TLS,
		RetryFor:     c.opts.RetryFor,
		FirstMessage: first,
	})
}

// ask calls one of the server's own functions, on a connection of its own, as Python does.
func (c *Client) ask(ctx context.Context, function string, args ...any) (pickle.Raw, error) {
	if c.isClosed() {
		return pickle.Raw{}, ErrClosed
	}
	msg, err := c.request("", function, args)
	if err != nil {
		return pickle.Raw{}, err
	}
	conn, err := c.dial(ctx, msg)
	if err != nil {
		return pickle.Raw{}, err
	}
	defer func() { _ = conn.Close() }()
	r, err := c.receive(ctx, conn)
	if err != nil {
		return pickle.Raw{}, err
	}
	return r.Result(function)
}

func (c *Client) receive(ctx context.Context, conn *connection.Conn) (wire.Reply, error) {
	msg, err := conn.RecvBytes(ctx)
	if err != nil {
		return wire.Reply{}, fmt.Errorf("managers: reply from %s: %w", c.addr, err)
	}
	return c.parse(msg)
}

// request lays out a request in the manager's serializer.
func (c *Client) request(ident, method string, args []any) ([][]byte, error) {
	if c.opts.Serializer == managers.XMLRPC {
		return wire.XmlRequest(ident, method, args, int(min(c.opts.MaxMessage, math.MaxInt)))
	}
	return wire.Request(c.dialect, ident, method, args)
}

func (c *Client) parse(msg []byte) (r wire.Reply, err error) {
	if c.opts.Serializer == managers.XMLRPC {
		r, err = wire.ParseXMLReply(msg)
	} else {
		r, err = wire.ParseReply(msg)
	}
	if c.opts.Naive != nil {
		r.Payload = r.Payload.WithOptions(&pickle.DecodeOptions{Naive: c.opts.Naive})
	}
	return r, err
}

// exchange calls a method of an object on a serving connection. Where ctx ends it before the reply is
// there, that connection is closed, for the reply would be taken for the next one's.
func (c *Client) exchange(ctx context.Context, ident, method string, args []any) (wire.Reply, error) {
	msg, err := c.request(ident, method, args)
	if err != nil {
		return wire.Reply{}, err
	}
	conn, err := c.serving(ctx)
	if err != nil {
		return wire.Reply{}, err
	}
	r, err := c.roundTrip(ctx, conn, msg)
	if err != nil {
		_ = conn.Close()
		return wire.Reply{}, err
	}
	c.giveBack(conn)
	return r, nil
}

// roundTrip sends a request on a serving connection and receives the reply. After an error the
// connection is of no use.
func (c *Client) roundTrip(ctx context.Context, conn *connection.Conn, msg [][]byte) (wire.Reply, error) {
	if err := conn.SendBuffers(ctx, msg); err != nil {
		return wire.Reply{}, err
	}
	return c.receive(ctx, conn)
}

// serving returns a connection on which objects can be called.
func (c *Client) serving(ctx context.Context) (*connection.Conn, error) {
	for {
		conn, err := c.takeIdle()
		if err != nil {
			return nil, err
		}
		if conn == nil {
			break
		}
		if !conn.Transport().PeerGone() {
			return conn, nil
		}
		_ = conn.Close()
	}
	msg, err := c.request("", "accept_connection", []any{"mpbridge"})
	if err != nil {
		return nil, err
	}
	conn, err := c.dial(ctx, msg)
	if err != nil {
		return nil, err
	}
	r, err := c.receive(ctx, conn)
	if err == nil {
		_, err = r.Result("accept_connection")
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

func (c *Client) takeIdle() (*connection.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, ErrClosed
	}
	n := len(c.idle)
	if n == 0 {
		return nil, nil
	}
	conn := c.idle[n-1]
	c.idle = c.idle[:n-1]
	return conn, nil
}

func (c *Client) giveBack(conn *connection.Conn) {
	c.mu.Lock()
	keep := !c.closed && len(c.idle) < c.opts.MaxIdle
	if keep {
		c.idle = append(c.idle, conn)
	}
	c.mu.Unlock()
	if !keep {
		_ = conn.Close()
	}
}

// background runs f on a goroutine for which Close waits, once it has ended the client's life.
func (c *Client) background(f func()) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.life.Err() != nil {
		return ErrClosed
	}
	c.asking.Go(f)
	return nil
}

func (c *Client) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// farewell bounds the time in which a Client that closes gives its references back.
const farewell = 2 * time.Second

// Close gives the references of all proxies back and closes the connections. Calls under way on other
// goroutines finish, except for those of an Owner that holds something; later ones fail with
// ErrClosed.
func (c *Client) Close() error {
	c.mu.Lock()
	c.end()
	c.mu.Unlock()
	c.asking.Wait()
	c.tidier.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return ErrClosed
	}
	left := make([]*held, 0, len(c.held))
	for h := range c.held {
		left = append(left, h)
	}
	c.mu.Unlock()
	for _, h := range left {
		_ = h.release(ctx)
	}
	c.mu.Lock()
	open := slices.AppendSeq(c.idle, maps.Keys(c.pinned))
	c.idle, c.closed = nil, true
	c.mu.Unlock()
	for _, conn := range open {
		_ = conn.Close()
	}
	return nil
}

// NumberOfObjects returns how many objects the manager's clients refer to.
func (c *Client) NumberOfObjects(ctx context.Context) (int, error) {
	r, err := c.ask(ctx, "number_of_objects")
	if err != nil {
		return 0, err
	}
	var n int
	err = r.Unmarshal(&n)
	return n, err
}

// DebugInfo returns the manager's own listing of its objects.
func (c *Client) DebugInfo(ctx context.Context) (string, error) {
	r, err := c.ask(ctx, "debug_info")
	if err != nil {
		return "", err
	}
	return wire.Text(r)
}

// ShutdownServer asks the manager to stop.
func (c *Client) ShutdownServer(ctx context.Context) error {
	_, err := c.ask(ctx, "shutdown")
	return err
}

// Call makes an object, calls one method of it, and lets it go: the way to use what is registered under
// a name once. A last argument of type Kwargs gives keyword arguments.
func (c *Client) Call(ctx context.Context, typeid, method string, args ...any) (any, error) {
	p, err := c.Open(ctx, typeid)
	if err != nil {
		return nil, err
	}
	v, err := p.Call(ctx, method, args...)
	if cerr := p.Close(context.WithoutCancel(ctx)); err == nil && cerr != nil {
		return v, cerr
	}
	return v, err
}
