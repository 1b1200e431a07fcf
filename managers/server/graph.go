package server

import (
	"errors"

	"mpbridge/managers/internal/wire"
	"mpbridge/pickle"
)

// maxGraphDepth bounds how deep values may nest that are gone over level by level.
const maxGraphDepth = 1000

var errTooDeep = errors.New("managers: a value nests too deep")

// replaceProxies puts what f returns in place of each proxy in v, which it changes; nobody else may
// hold it. A proxy that stands in several places is one value there, too.
func replaceProxies(v any, m pickle.Meter, f func(wire.ProxyValue) (any, error)) (any, error) {
	return pickle.Replace(v, m, func(o *pickle.Object) (any, bool, error) {
		p, ok := wire.ProxyOf(o)
		if !ok {
			return nil, false, nil
		}
		with, err := f(p)
		return with, true, err
	})
}

// meter returns what the opener's walks are counted by: nil where nothing is.
func (o *opener) meter() pickle.Meter {
	if o == nil {
		return nil
	}
	return o.spent
}
