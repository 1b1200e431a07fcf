package managers

// presenter shows the values of one reply. Proxies in them lead back to this server by the address
// that the client itself used. A client of Python 2 gets the value of what another such client stored,
// as from its own server, where the list holds the very object and no proxy of it.
type presenter struct {
	call   *Call
	copies map[*entry]any // values that stand for proxies, by object: one that holds itself, too
	depth  int
}

func (p *presenter) show(cell any) (any, error) {
	k, ok := cell.(*kept)
	if !ok {
		return cell, nil
	}
	if len(k.proxies) == 0 {
		return k.raw, nil
	}
	return p.cell(k)
}

func (p *presenter) cell(k *kept) (any, error) {
	v, err := k.raw.Any()
	if err != nil {
		return nil, err
	}
	if s := p.call.session; s != nil { // who reads the proxies may use them
		s.server.objects.give(k.proxies, s.rights.key)
	}
	return replaceProxies(v, func(x proxyValue) (any, error) {
		e := p.call.server.objects.find([]byte(x.token.Ident))
		if e == nil {
			return x.object, nil // another manager's
		}
		if k.python2 && p.call.Dialect().NativeBytes && p.call.sees(e) {
			if v, ok := e.object.(copier); ok {
				return p.copy(e, v)
			}
		}
		t := Token{Typeid: x.token.Typeid, Address: p.call.address(), Ident: e.ident}
		return x.rebuilt(t, p.call.Dialect()), nil
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
