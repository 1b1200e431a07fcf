package server

import (
	"mpbridge/managers/internal/values"
	"mpbridge/managers/internal/wire"
	"mpbridge/pickle"
)

// What a client gives an object to keep is a cell: a scalar (None, bool, int64, float64, a short text)
// as it is, anything else as a *storedValue. Cells of the second kind stay pickled: whatever class they are
// of, they go back as they came.
type storedValue struct {
	raw     pickle.Raw
	proxies []*entry // of objects of this server, of which raw holds proxies; each counted as stored
	python2 bool     // stored by Python 2, whose own server would have stored the referent itself
}

// valueHolder is an object that keeps values of clients. eachStored calls f for those that hold proxies.
type valueHolder interface{ eachStored(f func(*storedValue)) }

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
	return v, plain(v)
}

// plain reports whether a value is kept decoded, if it is short.
func plain(v any) bool {
	switch v.(type) {
	case nil, bool, int64, float64, string, pickle.ByteString:
		return true
	}
	return false
}

// scalar reports whether a value is kept decoded whatever it looks like pickled.
func scalar(v any) bool {
	switch v := v.(type) {
	case nil, bool, int64, float64:
		return true
	case string:
		return len(v) < shortCell/2
	}
	return false
}

// cellBytes is what a cell takes that is kept pickled, beside the pickle.
const cellBytes = 128

// store makes a cell of an argument. Whoever lets go of the cell calls drop.
func (c *Call) store(r pickle.Raw) (any, error) {
	if v, ok := scalarCell(r); ok {
		return v, nil
	}
	return c.storeOwned(c.cloneRaw(r))
}

// storeOwned is keep for what need not be copied out of the connection's buffer any more. Proxies that the
// client may not give away are kept as any other value.
func (c *Call) storeOwned(r pickle.Raw) (any, error) {
	k := &storedValue{raw: r.WithOptions(c.server.decode), python2: c.Dialect().NativeBytes}
	if !r.Names(wire.RebuildProxy) {
		return k, nil
	}
	m := c.budget().Mark()
	found, err := c.proxiesIn(r)
	if err != nil {
		return nil, err
	}
	defer c.budget().Free(m)
	for _, p := range found {
		e := c.server.objects.find([]byte(p.Token.Ident))
		if e == nil || !c.passes(e) {
			continue
		}
		if e = c.server.objects.hold(p.Token.Ident); e != nil {
			k.proxies = append(k.proxies, e)
		}
	}
	return k, nil
}

// storeDecoded makes a cell of a decoded value.
func (c *Call) storeDecoded(v any) (any, error) {
	if scalar(v) {
		return v, c.budget().Make(1, 0)
	}
	o := c.opener()
	r, err := pickle.NewRaw(v, o.encoding(pickle.EncodeOptions{NativeBytes: c.Dialect().NativeBytes}))
	if err != nil {
		return nil, err
	}
	if err := o.budget().Make(1, cellBytes); err != nil {
		return nil, err
	}
	if s, ok := scalarCell(r); ok {
		return s, nil
	}
	return c.storeOwned(r)
}

// storeAll makes cells of the elements of an iterable argument.
func (c *Call) storeAll(r pickle.Raw) ([]any, error) {
	if cells, ok, err := c.cellsOf(r); ok || err != nil {
		return cells, err
	}
	own := c.cloneRaw(r)
	parts, err := c.opener().elements(own)
	if err != nil && isShape(err) {
		return c.storeIterated(r)
	} else if err != nil {
		return nil, err
	}
	if err := c.budget().MakeEach(len(parts), cellBytes); err != nil {
		return nil, err
	}
	cells := make([]any, 0, len(parts))
	for _, p := range parts {
		cell, ok := scalarCell(p)
		if !ok {
			if cell, err = c.storeOwned(p); err != nil {
				drop(cells...)
				return nil, err
			}
		}
		cells = append(cells, cell)
	}
	return cells, nil
}

// storeIterated is storeAll for what is neither list nor tuple.
func (c *Call) storeIterated(r pickle.Raw) ([]any, error) {
	v, err := c.open(r)
	if err != nil {
		return nil, err
	}
	if cells, ok, err := c.keepRows(v); ok || err != nil {
		return cells, err
	}
	items, err := c.budget().Iterate(v)
	if err != nil {
		return nil, err
	}
	cells := make([]any, 0, len(items))
	for _, it := range items {
		cell, err := c.storeDecoded(it)
		if err != nil {
			drop(cells...)
			return nil, err
		}
		cells = append(cells, cell)
	}
	return cells, nil
}

// keepRows is storeIterated for an array of numpy whose elements are scalars; ok is false for all else.
func (c *Call) keepRows(v any) (cells []any, ok bool, err error) {
	o, isObject := v.(*pickle.Object)
	if !isObject {
		return nil, false, nil
	}
	rows, ok := pickle.NumpyRowsOf(o)
	if !ok {
		return nil, false, nil
	}
	raws, ok, err := rows.Raws(c.opener().encoding(pickle.EncodeOptions{NativeBytes: c.Dialect().NativeBytes}))
	if err != nil || !ok {
		return nil, false, err
	}
	if err := c.budget().MakeEach(len(raws), cellBytes); err != nil {
		return nil, false, err
	}
	cells = make([]any, len(raws))
	for i, r := range raws {
		cells[i] = &storedValue{raw: r.WithOptions(c.server.decode), python2: c.Dialect().NativeBytes}
	}
	return cells, true, nil
}

// iterable is an object whose elements another object can take: extend(proxy).
type iterable interface{ cells() []any }

// cellsOf returns the elements of the object that r is a proxy of.
func (c *Call) cellsOf(r pickle.Raw) (cells []any, ok bool, err error) {
	e := c.referent(r)
	if e == nil {
		return nil, false, nil
	}
	it, ok := e.object.(iterable)
	if !ok {
		return nil, false, nil
	}
	cells = it.cells()
	if err := c.budget().MakeEach(len(cells), values.ValueBytes); err != nil {
		return nil, true, err
	}
	hold(cells)
	return cells, true, nil
}

// hold counts what is now kept in one more place.
func hold(cells []any) {
	for _, cell := range cells {
		if k, ok := cell.(*storedValue); ok {
			for _, e := range k.proxies {
				e.table.hold(e.ident)
			}
		}
	}
}

// drop lets go of cells. It must not be called under an object's mutex.
func drop(cells ...any) {
	for _, cell := range cells {
		if k, ok := cell.(*storedValue); ok && len(k.proxies) > 0 {
			k.proxies[0].table.drop(k.proxies)
		}
	}
}

// eachStoredOf calls f for those of the cells that hold proxies.
func eachStoredOf(cells []any, f func(*storedValue)) {
	for _, cell := range cells {
		if k, ok := cell.(*storedValue); ok && len(k.proxies) > 0 {
			f(k)
		}
	}
}

// decodeCell returns what a cell holds, for comparing it. A proxy of one of the server's own objects is the same
// value whatever address it was made with.
func (o *opener) decodeCell(cell any) (any, error) { return o.decodeWith(cell, wire.ProxyValue.Name) }

// decodeShown returns what a cell holds, for showing it.
func (o *opener) decodeShown(cell any) (any, error) { return o.decodeWith(cell, wire.ProxyValue.Shown) }

// decodeWith decodes a cell, with something in place of each proxy.
func (o *opener) decodeWith(cell any, stand func(wire.ProxyValue) any) (any, error) {
	k, ok := cell.(*storedValue)
	if !ok {
		return cell, nil
	}
	v, err := o.open(k.raw)
	if err != nil || len(k.proxies) == 0 {
		return v, err
	}
	return replaceProxies(v, o.meter(), func(p wire.ProxyValue) (any, error) { return stand(p), nil })
}

// decodeCells is value for many.
func (o *opener) decodeCells(cells []any) ([]any, error) {
	if err := o.budget().MakeEach(len(cells), values.ValueBytes/2); err != nil {
		return nil, err
	}
	out := make([]any, len(cells))
	for i, cell := range cells {
		v, err := o.decodeCell(cell)
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
	v, err := c.open(r)
	if err != nil || !r.Names(wire.RebuildProxy) {
		return v, err
	}
	return replaceProxies(v, c.opener().meter(), func(p wire.ProxyValue) (any, error) {
		if c.found(p) == nil {
			return p.Object, nil
		}
		return p.Name(), nil
	})
}

// present returns a cell as this client gets it: with proxies that lead back here.
func (c *Call) present(cell any) (any, error) {
	k, ok := cell.(*storedValue)
	if !ok {
		return cell, nil
	}
	if len(k.proxies) == 0 {
		return k.raw, nil
	}
	return (&presenter{call: c}).cell(k)
}

// presentAll is show for many, as a list.
func (c *Call) presentAll(cells []any) (*pickle.List, error) {
	out := &pickle.List{}
	p := &presenter{call: c}
	return out, p.fill(out, cells)
}
