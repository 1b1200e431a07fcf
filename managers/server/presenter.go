package server

import (
	"slices"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/managers/internal/wire"
	"mpbridge/pickle"
)

// presenter shows the values of one reply. Proxies in them lead back to this server by the address
// that the client itself used. A client of Python 2 gets the value of what another such client stored,
// as from its own server, where the list holds the very object and no proxy of it.
type presenter struct {
	call   *Call
	copies map[*entry]any // values that stand for proxies, by object: one that holds itself, too
	depth  int
}

func (p *presenter) present(cell any) (any, error) {
	k, ok := cell.(*storedValue)
	if !ok {
		return cell, nil
	}
	b := p.call.budget()
	if err := b.Make(0, rawBytes); err != nil {
		return nil, err
	}
	if len(k.proxies) == 0 {
		return k.raw, b.StepBytes(k.raw.Size() >> 6)
	}
	return p.cell(k)
}

// rawBytes is what a value takes that is shown as it is pickled, beside the pickle.
const rawBytes = 64

// fill shows cells, and appends them to a list.
func (p *presenter) fill(out *pickle.List, cells []any) error {
	if err := p.call.budget().MakeEach(len(cells), values.ValueBytes/2); err != nil {
		return err
	}
	out.Items = slices.Grow(out.Items, len(cells))
	for _, cell := range cells {
		v, err := p.present(cell)
		if err != nil {
			return err
		}
		out.Items = append(out.Items, v)
	}
	return nil
}

func (p *presenter) cell(k *storedValue) (any, error) {
	v, err := p.call.open(k.raw)
	if err != nil {
		return nil, err
	}
	if s := p.call.session; s != nil { // who reads the proxies may use them
		s.server.objects.give(k.proxies, s.rights.key)
	}
	return replaceProxies(v, p.call.opener().meter(), func(x wire.ProxyValue) (any, error) {
		e := p.call.server.objects.find([]byte(x.Token.Ident))
		if e == nil {
			return x.Object, nil // another manager's
		}
		if k.python2 && p.call.Dialect().NativeBytes && p.call.sees(e) {
			if v, ok := e.object.(copier); ok {
				return p.copy(e, v)
			}
		}
		t := managers.Token{Typeid: x.Token.Typeid, Address: p.call.address(), Ident: e.ident}
		return x.Rebuilt(t, p.call.Dialect()), nil
	})
}

// copier is an object whose value may contain others.
type copier interface {
	// begin returns an empty value and a function that fills it.
	copyBy(p *presenter) (empty any, fill func() error)
}

func (p *presenter) copy(e *entry, v copier) (any, error) {
	if done, ok := p.copies[e]; ok {
		return done, nil
	}
	if p.depth++; p.depth > maxGraphDepth {
		return nil, errTooDeep
	}
	defer func() { p.depth-- }()
	if err := p.call.budget().Make(1, cellBytes); err != nil {
		return nil, err
	}
	empty, fill := v.copyBy(p)
	if p.copies == nil {
		p.copies = make(map[*entry]any)
	}
	p.copies[e] = empty
	return empty, fill()
}

// valueOf is the whole value of an object, for proxy._getvalue().
func (c *Call) valueOf(v copier) (any, error) {
	empty, fill := v.copyBy(&presenter{call: c})
	return empty, fill()
}
