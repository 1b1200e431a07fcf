package client

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/internal/wire"
	"mpbridge/pickle"
)

// Proxy stands for one object of a manager. It holds one reference to it, until Close, until the Client
// closes, or until nothing refers to the Proxy any more.
//
// Its methods may be called concurrently; each call has a connection to itself.
type Proxy struct {
	client  *Client
	token   managers.Token
	methods []string
	class   pickle.Global // the zero Global: the one that the methods tell
	held    *held
}

// held is one reference that the manager counts for us.
type held struct {
	client *Client
	ident  string
	once   sync.Once
}

// Open makes an object of a registered type, or finds a shared one. A last argument of type Kwargs
// gives keyword arguments.
func (c *Client) Open(ctx context.Context, typeid string, args ...any) (*Proxy, error) {
	r, err := c.ask(ctx, "create", append([]any{typeid}, args...)...)
	if err != nil {
		return nil, err
	}
	parts, err := r.Elements()
	if err != nil || len(parts) != 2 {
		return nil, fmt.Errorf("managers: create(%s) answered no (ident, exposed)", typeid)
	}
	ident, err := wire.Text(parts[0])
	if err != nil {
		return nil, err
	}
	// The reference that create counted becomes the proxy's own; Python counts another and gives this
	// one back, which comes to the same.
	return c.proxy(managers.Token{Typeid: typeid, Address: c.addr, Ident: ident}, parts[1])
}

// proxy makes a Proxy whose reference is counted already.
func (c *Client) proxy(t managers.Token, exposed pickle.Raw) (*Proxy, error) {
	parts, err := exposed.Any()
	if err != nil {
		return nil, fmt.Errorf("managers: exposed methods of %s: %w", t.Typeid, err)
	}
	items, ok := elements(parts)
	if !ok {
		return nil, fmt.Errorf("managers: exposed methods of %s are no sequence", t.Typeid)
	}
	methods, err := names(items)
	if err != nil {
		return nil, err
	}
	return c.newProxy(t, methods), nil
}

func (c *Client) newProxy(t managers.Token, methods []string) *Proxy {
	h := &held{client: c, ident: t.Ident}
	p := &Proxy{client: c, token: t, methods: methods, held: h}
	c.mu.Lock()
	c.held[h] = struct{}{}
	c.mu.Unlock()
	runtime.AddCleanup(p, (*held).collected, h)
	return p
}

// Token names the object.
func (p *Proxy) Token() managers.Token { return p.token }

// Methods returns the names of the object's methods.
func (p *Proxy) Methods() []string { return slices.Clone(p.methods) }

// Has reports whether the object has a method of that name.
func (p *Proxy) Has(method string) bool { return slices.Contains(p.methods, method) }

// CallRaw calls a method and returns its result still pickled. A last argument of type Kwargs gives
// keyword arguments. What the method raised is a *RemoteError. If ctx ends before the reply is there,
// whether the call happened is unknown.
func (p *Proxy) CallRaw(ctx context.Context, method string, args ...any) (pickle.Raw, error) {
	r, err := p.exchange(ctx, method, args)
	if err != nil {
		return pickle.Raw{}, err
	}
	return r.Result(method)
}

// exchange calls a method. Until the reply is there, the object and those among the arguments are
// referred to.
func (p *Proxy) exchange(ctx context.Context, method string, args []any) (wire.Reply, error) {
	r, err := p.client.exchange(ctx, p.token.Ident, method, args)
	runtime.KeepAlive(p)
	runtime.KeepAlive(args)
	return r, err
}

// CallInto is CallRaw and decodes the result into what dst points to, as pickle.Unmarshal does; into an
// any, as Call does. A result that does not fit is in the *ResultError.
func (p *Proxy) CallInto(ctx context.Context, dst any, method string, args ...any) error {
	r, err := p.CallRaw(ctx, method, args...)
	if err != nil {
		return err
	}
	return resultError(method, r, p.client.decodeInto(ctx, r, dst))
}

// Call is CallRaw and decodes the result. A result that is an object of its own is a *Proxy, and so are
// proxies of this manager's objects inside the result, see Proxy.MarshalPickle.
func (p *Proxy) Call(ctx context.Context, method string, args ...any) (any, error) {
	r, err := p.exchange(ctx, method, args)
	if err != nil {
		return nil, err
	}
	v, err := r.Result(method)
	switch {
	case err != nil:
		return nil, err
	case r.Kind == wire.KindProxy:
		return p.client.resultProxy(v)
	}
	x, err := p.client.decode(ctx, v)
	return x, resultError(method, v, err)
}

// GetValue returns a copy of the object itself, where it can be pickled: BaseProxy._getvalue().
func (p *Proxy) GetValue(ctx context.Context) (any, error) { return p.Call(ctx, "#GETVALUE") }

// Repr returns what the object's own repr() is: str(proxy) in Python.
func (p *Proxy) Repr(ctx context.Context) (string, error) {
	r, err := p.CallRaw(ctx, "__repr__")
	if err != nil {
		return "", err
	}
	return wire.Text(r)
}

// resultProxy makes a Proxy of the payload of a #PROXY reply. Its token's address is the one that the
// server has for itself; ours is the one that works from here.
func (c *Client) resultProxy(payload pickle.Raw) (*Proxy, error) {
	parts, err := payload.Elements()
	if err != nil || len(parts) != 2 {
		return nil, fmt.Errorf("managers: #PROXY without (exposed, token)")
	}
	v, err := parts[1].Any()
	if err != nil {
		return nil, err
	}
	token, err := wire.ParseToken(v)
	if err != nil {
		return nil, err
	}
	if module, ok := wire.ManagersModuleOf(v.(*pickle.Object), wire.TokenName); ok {
		c.module.Store(&module)
	}
	c.own.learn(token.Address)
	token.Address = c.addr
	return c.proxy(token, parts[0])
}

// Close gives the reference back. Later calls of the proxy may fail. Closing twice does nothing.
func (p *Proxy) Close(ctx context.Context) error { return p.held.release(ctx) }

func (h *held) release(ctx context.Context) (err error) {
	h.once.Do(func() {
		h.client.mu.Lock()
		delete(h.client.held, h)
		h.client.mu.Unlock()
		_, err = h.client.ask(ctx, "decref", h.ident)
	})
	return err
}

// collected is called when a Proxy was dropped without Close. It must not wait, so a goroutine of the
// client's gives the reference back.
func (h *held) collected() {
	c := h.client
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, still := c.held[h]; !still || c.closed {
		return
	}
	c.lost = append(c.lost, h)
	if !c.tidy {
		c.tidy = true
		c.tidier.Go(c.releaseLost)
	}
}

// decrefPatience bounds one decref of a proxy that was dropped.
const decrefPatience = 5 * time.Second

func (c *Client) releaseLost() {
	for {
		c.mu.Lock()
		lost := c.lost
		c.lost = nil
		if len(lost) == 0 {
			c.tidy = false
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		for _, h := range lost {
			ctx, cancel := context.WithTimeout(context.Background(), decrefPatience)
			_ = h.release(ctx)
			cancel()
		}
	}
}
