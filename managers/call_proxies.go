package managers

import "mpbridge/pickle"

// proxiesIn finds the proxies in a pickled value, each once.
func (c *Call) proxiesIn(r pickle.Raw) (found []proxyValue, err error) {
	v, err := c.open(r)
	if err != nil {
		return nil, err
	}
	_, err = replaceProxies(v, c.opener().meter(), func(p proxyValue) (any, error) {
		found = append(found, p)
		return p.object, nil
	})
	return found, err
}

// referent returns the object that r is a proxy of, or nil. One that the client may not know is none.
func (c *Call) referent(r pickle.Raw) *entry {
	if !r.Names(rebuildProxy) {
		return nil
	}
	if r.Size() > maxProxy {
		return nil // a proxy is short: this holds one
	}
	v, err := r.Any()
	if err != nil {
		return nil
	}
	p, ok := proxyOf(v)
	if !ok {
		return nil
	}
	return c.found(p)
}

// found returns the object of a proxy, if the client may know it.
func (c *Call) found(p proxyValue) *entry {
	e := c.server.objects.find([]byte(p.token.Ident))
	if e == nil || !c.sees(e) {
		return nil
	}
	return e
}

// maxProxy is how many bytes the pickle of a proxy has at most, with the names of all its methods.
const maxProxy = 64 << 10
