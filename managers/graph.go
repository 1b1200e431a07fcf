package managers

import (
	"errors"

	"mpbridge/pickle"
)

// maxGraphDepth bounds how deep values may nest in which proxies are looked for.
const maxGraphDepth = 1000

var errTooDeep = errors.New("managers: a value nests too deep")

// replaceProxies puts what f returns in the place of each proxy in v, which it changes. Containers keep
// their identity; tuples are changed in place, for nobody else holds a value that was just decoded.
func replaceProxies(v any, f func(proxyValue) (any, error)) (any, error) {
	r := replacer{f: f, seen: make(map[any]bool)}
	return r.value(v, 0)
}

type replacer struct {
	f    func(proxyValue) (any, error)
	seen map[any]bool // containers and objects, by pointer
}

func (r *replacer) value(v any, depth int) (any, error) {
	if depth > maxGraphDepth {
		return nil, errTooDeep
	}
	depth++
	switch v := v.(type) {
	case pickle.Tuple:
		return v, r.items(v, depth)
	case *pickle.List:
		if r.first(v) {
			return v, r.items(v.Items, depth)
		}
	case *pickle.Dict:
		if r.first(v) {
			return v, r.dict(v, depth)
		}
	case *pickle.Object:
		if p, ok := proxyOf(v); ok {
			return r.f(p)
		}
		if r.first(v) {
			return v, r.object(v, depth)
		}
	}
	return v, nil
}

// first tells whether p was not met before.
func (r *replacer) first(p any) bool {
	if r.seen[p] {
		return false
	}
	r.seen[p] = true
	return true
}

func (r *replacer) items(items []any, depth int) error {
	for i, it := range items {
		v, err := r.value(it, depth)
		if err != nil {
			return err
		}
		items[i] = v
	}
	return nil
}

// dict replaces values; a proxy is a key nowhere but in the process that made it.
func (r *replacer) dict(d *pickle.Dict, depth int) error {
	for k, old := range d.All() {
		v, err := r.value(old, depth)
		if err != nil {
			return err
		}
		if err := d.Set(k, v); err != nil {
			return err
		}
	}
	return nil
}

func (r *replacer) object(o *pickle.Object, depth int) (err error) {
	if args, ok := o.Args.(pickle.Tuple); ok {
		err = r.items(args, depth)
	}
	if err == nil && o.Kwargs != nil {
		err = r.dict(o.Kwargs, depth)
	}
	if err == nil {
		o.State, err = r.value(o.State, depth)
	}
	if err == nil {
		err = r.items(o.Items, depth)
	}
	for i := 0; err == nil && i < len(o.Pairs); i++ {
		o.Pairs[i].Value, err = r.value(o.Pairs[i].Value, depth)
	}
	return err
}
