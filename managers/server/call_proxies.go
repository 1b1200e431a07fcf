package server

import (
	"mpbridge/managers/internal/wire"
	"mpbridge/pickle"
)

// proxiesIn finds the proxies in a pickled value, each once.
func (c *Call) proxiesIn(r pickle.Raw) (found []wire.ProxyValue, err error) {
	v, err := c.open(r)
	if err != nil {
		return nil, err
	}
	_, err = replaceProxies(v, c.opener().meter(), func(p wire.ProxyValue) (any, error) {
		found = append(found, p)
		return p.Object, nil
	})
	return found, err
}

// referent returns the object that r is a proxy of, or nil. One that the client may not know is none.
func (c *Call) referent(r pickle.Raw) *entry {
	if !r.Names(wire.RebuildProxy) {
		return nil
	}
	if r.Size() > maxProxy {
		return nil // a proxy is short: this holds one
	}
	v, err := r.Any()
	if err != nil {
		return nil
	}
	p, ok := wire.ProxyOf(v)
	if !ok {
		return nil
	}
	return c.found(p)
}

// found returns the object of a proxy, if the client may know it.
func (c *Call) found(p wire.ProxyValue) *entry {
	e := c.server.objects.find([]byte(p.Token.Ident))
	if e == nil || !c.sees(e) {
		return nil
	}
	return e
}

// maxProxy is how many bytes the pickle of a proxy has at most, with the names of all its methods.
const maxProxy = 64 << 10
