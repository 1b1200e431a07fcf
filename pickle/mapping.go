package pickle

// Mapping is a dict, or an instance of a subclass of it from the module collections.
type Mapping struct {
	Kind    string // dict, OrderedDict, defaultdict or Counter
	Factory any    // of a defaultdict
	Dict    *Dict
}

// MappingOf reads an OrderedDict, a defaultdict or a Counter. The Meter, which may be nil, counts what it takes to
// compare its keys: they may be far longer, written out, than in the pickle.
func MappingOf(o *Object, m Meter) (Mapping, bool) { return mappingOf(o, meterOf(m)) }

func mappingOf(o *Object, work *meter) (Mapping, bool) {
	g, args, ok := o.class()
	if !ok || g.Module != "collections" || o.HasState && o.State != nil {
		return Mapping{}, false
	}
	out := Mapping{Kind: g.Name, Dict: new(Dict)}
	var first any
	if len(args) > 0 {
		first = args[0]
	}
	switch g.Name {
	case "OrderedDict", "Counter":
		ok = out.fill(first, work)
	case "defaultdict":
		out.Factory = first
	default:
		return Mapping{}, false
	}
	for _, p := range o.Pairs {
		ok = ok && out.Dict.t.set(p.Key, p.Value, work) == nil
	}
	return out, ok
}

// fill adds the entries of a dict, or of a list of pairs.
func (m Mapping) fill(from any, work *meter) bool {
	switch from := from.(type) {
	case nil:
		return true
	case *Dict:
		for k, v := range from.All() {
			if m.Dict.t.set(k, v, work) != nil {
				return false
			}
		}
		return true
	}
	items, ok := elementsOf(from)
	for _, it := range items {
		pair, isPair := elementsOf(it)
		if !isPair || len(pair) != 2 || m.Dict.t.set(pair[0], pair[1], work) != nil {
			return false
		}
	}
	return ok
}
