package values

import (
	"strings"

	"mpbridge/pickle"
)

// viewed returns the elements of the view of a dict or an OrderedDict, which only dill pickles: dict.keys({…}) and its
// like. Before Python 3.10 a view does not know its dict, so that dill makes it one of its own:
// dict.keys(dict.fromkeys([…])), dict.values(dict(enumerate([…]))).
func (w *Budget) viewed(class pickle.Global, args pickle.Tuple) ([]any, bool, error) {
	of, view, isMethod := strings.Cut(class.Name, ".")
	of = class.Module + "." + of
	if !isMethod || of != "builtins.dict" && of != "collections.OrderedDict" || len(args) != 1 {
		return nil, false, nil
	}
	var part func(k, v any) any
	switch view {
	case "keys":
		part = func(k, _ any) any { return k }
	case "values":
		part = func(_, v any) any { return v }
	case "items":
		part = func(k, v any) any { return pickle.Tuple{k, v} }
	default:
		return nil, false, nil
	}
	pairs, ok, err := w.viewedDict(args[0])
	if !ok || err != nil {
		return nil, false, err
	}
	if err := w.MakeEach(len(pairs), 3*ValueBytes); err != nil {
		return nil, false, err
	}
	items := make([]any, len(pairs))
	for i, p := range pairs {
		items[i] = part(p.Key, p.Value)
	}
	return items, true, nil
}

// viewedDict returns the items of the dict that a view is of.
func (w *Budget) viewedDict(v any) (pairs []pickle.Pair, ok bool, err error) {
	o, isObject := v.(*pickle.Object)
	if !isObject {
		return w.Mapping(v)
	}
	args, _ := o.Args.(pickle.Tuple)
	made := o.IsA("builtins", "dict") || o.IsA("collections", "OrderedDict")
	listed := o.IsA("builtins", "dict.fromkeys") || o.IsA("collections", "OrderedDict.fromkeys")
	if len(args) != 1 || !made && !listed {
		return w.Mapping(v)
	}
	if _, iterator := args[0].(*pickle.Object); made && !iterator {
		return w.Mapping(v)
	}
	items, err := w.iterate(args[0], maxNested)
	if err == nil {
		err = w.MakeEach(len(items), 4*ValueBytes)
	}
	if err != nil {
		return nil, false, err
	}
	d := pickle.NewDict()
	for _, item := range items {
		p := pickle.Pair{Key: item}
		if made {
			t, isTuple := item.(pickle.Tuple)
			if !isTuple || len(t) != 2 {
				return nil, false, nil
			}
			p = pickle.Pair{Key: t[0], Value: t[1]}
		}
		if err := d.Set(p.Key, p.Value); err != nil {
			return nil, false, typeError("unhashable type: '%s'", TypeName(p.Key))
		}
	}
	for k, v := range d.All() {
		pairs = append(pairs, pickle.Pair{Key: k, Value: v})
	}
	return pairs, true, nil
}
