package managers

import (
	"mpbridge/managers/values"
	"mpbridge/pickle"
)

// What a client gives an object to keep is a cell: a scalar (None, bool, int64, float64, a short text)
// as it is, anything else as a *kept. Cells of the second kind stay pickled: whatever class they are
// of, they go back as they came.
type kept struct {
	raw     pickle.Raw
	proxies []*entry // of objects of this server, of which raw holds proxies; each counted as stored
	python2 bool     // stored by Python 2, whose own server would have stored the referent itself
}

// keeper is an object that keeps values of clients. eachKept calls f for those that hold proxies.
type keeper interface{ eachKept(f func(*kept)) }

// shortCell is the size of what is kept as a decoded scalar.
const shortCell = 64

// scalarCell returns r's value, if it is kept decoded.
func scalarCell(r pickle.Raw) (any, bool) {
	if r.Size() > shortCell {
		return nil, false
	}
	v, err := r.Any()
	if err != nil {
		return nil, false
	}
	switch v.(type) {
	case nil, bool, int64, float64, string, pickle.ByteString:
		return v, true
	}
	return nil, false
}

// keep makes a cell of an argument. Whoever lets go of the cell calls drop.
func (c *Call) keep(r pickle.Raw) (any, error) {
	if v, ok := scalarCell(r); ok {
		return v, nil
	}
	return c.keepOwn(c.ownRaw(r))
}

// keepOwn is keep for what need not be copied out of the connection's buffer any more. Proxies that the
// client may not give away are kept as any other value.
func (c *Call) keepOwn(r pickle.Raw) (any, error) {
	k := &kept{raw: r, python2: c.Dialect().NativeBytes}
	if !r.Names(rebuildProxy) {
		return k, nil
	}
	v, err := r.Any()
	if err != nil {
		return nil, err
	}
	for _, p := range proxiesIn(v) {
		e := c.server.objects.find([]byte(p.token.Ident))
		if e == nil || !c.passes(e) {
			continue
		}
		if e = c.server.objects.hold(p.token.Ident); e != nil {
			k.proxies = append(k.proxies, e)
		}
	}
	return k, nil
}

// keepValue makes a cell of a decoded value.
func (c *Call) keepValue(v any) (any, error) {
	r, err := pickle.NewRaw(v, &pickle.EncodeOptions{NativeBytes: c.Dialect().NativeBytes})
	if err != nil {
		return nil, err
	}
	if s, ok := scalarCell(r); ok {
		return s, nil
	}
	return c.keepOwn(r)
}

// keepAll makes cells of the elements of an iterable argument.
func (c *Call) keepAll(r pickle.Raw) ([]any, error) {
	if cells, ok := c.cellsOf(r); ok {
		return cells, nil
	}
	own := c.ownRaw(r)
	parts, err := own.Elements()
	if err != nil {
		return c.keepDecoded(r)
	}
	cells := make([]any, 0, len(parts))
	for _, p := range parts {
		cell, ok := scalarCell(p)
		if !ok {
			if cell, err = c.keepOwn(p); err != nil {
				drop(cells...)
				return nil, err
			}
		}
		cells = append(cells, cell)
	}
	return cells, nil
}

// keepDecoded is keepAll for what is neither list nor tuple.
func (c *Call) keepDecoded(r pickle.Raw) ([]any, error) {
	v, err := r.Any()
	if err != nil {
		return nil, err
	}
	items, err := values.Iterate(v)
	if err != nil {
		return nil, err
	}
	cells := make([]any, 0, len(items))
	for _, it := range items {
		cell, err := c.keepValue(it)
		if err != nil {
			drop(cells...)
			return nil, err
		}
		cells = append(cells, cell)
	}
	return cells, nil
}

// iterable is an object whose elements another object can take: extend(proxy).
type iterable interface{ cells() []any }

// cellsOf returns the elements of the object that r is a proxy of.
func (c *Call) cellsOf(r pickle.Raw) ([]any, bool) {
	e := c.referent(r)
	if e == nil {
		return nil, false
	}
	it, ok := e.object.(iterable)
	if !ok {
		return nil, false
	}
	cells := it.cells()
	hold(cells)
	return cells, true
}

// hold counts what is now kept in one more place.
func hold(cells []any) {
	for _, cell := range cells {
		if k, ok := cell.(*kept); ok {
			for _, e := range k.proxies {
				e.table.hold(e.ident)
			}
		}
	}
}

// drop lets go of cells. It must not be called under an object's mutex.
func drop(cells ...any) {
	for _, cell := range cells {
		if k, ok := cell.(*kept); ok && len(k.proxies) > 0 {
			k.proxies[0].table.drop(k.proxies)
		}
	}
}

// eachKeptOf calls f for those of the cells that hold proxies.
func eachKeptOf(cells []any, f func(*kept)) {
	for _, cell := range cells {
		if k, ok := cell.(*kept); ok && len(k.proxies) > 0 {
			f(k)
		}
	}
}

// value returns what a cell holds, for comparing it. A proxy of one of the server's own objects is the same
// value whatever address it was made with.
func value(cell any) (any, error) { return opened(cell, proxyValue.name) }

// shown returns what a cell holds, for showing it.
func shown(cell any) (any, error) { return opened(cell, proxyValue.shown) }

// opened decodes a cell, with something in the place of each proxy.
func opened(cell any, stand func(proxyValue) any) (any, error) {
	k, ok := cell.(*kept)
	if !ok {
		return cell, nil
	}
	v, err := k.raw.Any()
	if err != nil || len(k.proxies) == 0 {
		return v, err
	}
	return replaceProxies(v, func(p proxyValue) (any, error) { return stand(p), nil })
}

// valuesOf is value or shown for many.
func valuesOf(cells []any, of func(cell any) (any, error)) ([]any, error) {
	out := make([]any, len(cells))
	for i, cell := range cells {
		v, err := of(cell)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// argument decodes an argument that is compared with cells.
func (c *Call) argument(r pickle.Raw) (any, error) {
	if v, ok := scalarCell(r); ok {
		return v, nil
	}
	v, err := r.Any()
	if err != nil || !r.Names(rebuildProxy) {
		return v, err
	}
	return replaceProxies(v, func(p proxyValue) (any, error) {
		if c.found(p) == nil {
			return p.object, nil
		}
		return p.name(), nil
	})
}

// show returns a cell as this client gets it: with proxies that lead back here.
func (c *Call) show(cell any) (any, error) {
	k, ok := cell.(*kept)
	if !ok {
		return cell, nil
	}
	if len(k.proxies) == 0 {
		return k.raw, nil
	}
	return (&presenter{call: c}).cell(k)
}

// showAll is show for many, as a list.
func (c *Call) showAll(cells []any) (*pickle.List, error) {
	out := &pickle.List{Items: make([]any, len(cells))}
	p := &presenter{call: c}
	for i, cell := range cells {
		v, err := p.show(cell)
		if err != nil {
			return nil, err
		}
		out.Items[i] = v
	}
	return out, nil
}
