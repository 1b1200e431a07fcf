package client

import (
	"context"
	"fmt"
	"slices"

	"mpbridge/managers"
	"mpbridge/managers/internal/wire"
	"mpbridge/pickle"
)

// MarshalPickle gives the form in which Python pickles a proxy (BaseProxy.__reduce__): whoever loads it
// has a proxy of its own. So a Proxy, and what embeds one, can be an argument or stand in a list, a dict
// or a queue item.
//
// The reader counts its reference when it loads the value; until then the Proxy must be kept. A manager
// to which one of its own objects is sent stores a reference that lasts as long as the manager does
// (Python 3), or the object itself (Python 2, where reading it back gives a copy). Python 3.6 to 3.8
// refuse there what has no proxy class of its own, such as queues.
//
// The form names the manager's address as the manager has it. That is asked for when it is not known
// yet, which takes seconds where the manager does not answer; see Options.ServerAddress.
func (p *Proxy) MarshalPickle() (any, error) {
	d := p.client.dialect
	module, class := p.client.spelling(), p.class
	if class == (pickle.Global{}) {
		class = wire.ClassOf(p.methods)
		class.Module = module
	}
	kwds := pickle.NewDict()
	if class.Name == wire.AutoProxy.Name && slices.Contains(wire.ManagersModules, class.Module) {
		if err := kwds.Set(wire.NativeText("exposed", d), wire.NativeTexts(p.methods, d)); err != nil {
			return nil, err
		}
	}
	t := p.token
	t.Address = p.client.serverAddress()
	return wire.Rebuilding(module, class, t.Pickled(d), wire.NativeText("pickle", d), kwds), nil
}

// maxNested is how many proxies in one value are counted; those beyond stay pickle.Objects.
const maxNested = 1 << 16

// decode decodes a result, with proxies of this manager's objects as *Proxy, each with a reference of
// its own. One that the manager does not know any more stays the *pickle.Object that it came as, and
// so does a proxy of another manager, whose key this client may not have. Keys of dicts and elements of
// sets stay as they came, too.
func (c *Client) decode(ctx context.Context, r pickle.Raw) (any, error) {
	v, err := r.Any()
	if err != nil {
		return nil, err
	}
	// What was taken out of a queue is not lost to a ctx that ends now.
	own, cancel := patient(ctx)
	defer cancel()
	made := 0
	return pickle.Replace(v, nil, func(o *pickle.Object) (any, bool, error) {
		if _, ok := wire.ManagersModuleOf(o, wire.RebuildProxy.Name); !ok || made >= maxNested {
			return nil, false, nil
		}
		made++
		p, err := c.nested(own, o)
		return p, err == nil, nil
	})
}

// decodeInto decodes a result into what dst points to: with proxies where that is an any, else as
// pickle.Unmarshal does.
func (c *Client) decodeInto(ctx context.Context, r pickle.Raw, dst any) error {
	into, ok := dst.(*any)
	if !ok {
		return r.Unmarshal(dst)
	}
	v, err := c.decode(ctx, r)
	if err == nil {
		*into = v
	}
	return err
}

// nested makes a Proxy of a call of RebuildProxy, and counts its reference as that does.
func (c *Client) nested(ctx context.Context, o *pickle.Object) (*Proxy, error) {
	v, ok := wire.ProxyOf(o)
	if !ok {
		return nil, fmt.Errorf("managers: RebuildProxy without its four arguments")
	}
	class, ok := v.Proxytype.(pickle.Global)
	if !ok {
		return nil, fmt.Errorf("managers: RebuildProxy without a class")
	}
	token, kwds := v.Token, v.Kwds
	if !c.isOwn(token.Address) {
		return nil, fmt.Errorf("managers: a proxy of another manager")
	}
	if _, err := c.ask(ctx, "incref", token.Ident); err != nil {
		return nil, err
	}
	exposed, err := c.exposed(ctx, token, kwds)
	if err != nil {
		_, _ = c.ask(ctx, "decref", token.Ident)
		return nil, err
	}
	c.module.Store(&v.Module)
	token.Address = c.addr
	p := c.newProxy(token, exposed)
	p.class = class
	return p, nil
}

// exposed returns the methods of an object: those that came with its proxy, or what the manager says.
func (c *Client) exposed(ctx context.Context, t managers.Token, kwds *pickle.Dict) ([]string, error) {
	for _, key := range []any{"exposed", pickle.ByteString("exposed")} {
		if v, ok := kwds.Get(key); ok {
			items, _ := elements(v)
			return names(items)
		}
	}
	r, err := c.ask(ctx, "get_methods", t.Pickled(c.dialect))
	if err != nil {
		return nil, err
	}
	v, err := r.Any()
	if err != nil {
		return nil, err
	}
	items, _ := elements(v)
	return names(items)
}

// names reads a sequence of native strings, each once.
func names(items []any) ([]string, error) {
	out := make([]string, 0, len(items))
	for _, item := range items {
		name, ok := pickle.Text(item)
		if !ok {
			return nil, fmt.Errorf("managers: the name of a method is no str")
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}
