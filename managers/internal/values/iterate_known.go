package values

import "mpbridge/pickle"

// This file iterates over what the standard library writes in Python, and over the subclasses of builtins.

// userItems are the elements of a UserList, UserDict, UserString or ChainMap, and of an iterator over a deque.
func (w *Budget) userItems(o *pickle.Object, depth int) (items []any, ok bool, err error) {
	g, args, ok := classOf(o)
	if !ok || g.Module != "collections" && g.Module != "_collections" {
		return nil, false, nil
	}
	switch g.Name {
	case "UserList", "UserDict":
		data, ok := field(o, "data")
		if !ok {
			return nil, false, nil
		}
		items, err = w.iterate(data, depth)
		return items, err == nil, err
	case "UserString":
		return w.userCharacters(o)
	case "ChainMap":
		pairs, ok, err := w.chained(o)
		if !ok || err != nil {
			return nil, false, err
		}
		return keysOfPairs(pairs), true, nil
	case "_deque_iterator", "_deque_reverse_iterator":
		return w.dequeIterator(g.Name == "_deque_iterator", args, depth)
	}
	return nil, false, nil
}

// userCharacters are UserStrings themselves: their __getitem__ makes objects of their own class.
func (w *Budget) userCharacters(o *pickle.Object) ([]any, bool, error) {
	data, _ := field(o, "data")
	text, ok := data.(string)
	if !ok {
		return nil, false, nil
	}
	letters, err := w.characters(text)
	if err == nil {
		err = w.MakeEach(len(letters), 8*ValueBytes)
	}
	if err != nil {
		return nil, false, err
	}
	for i, c := range letters {
		letters[i] = &pickle.Object{Kind: pickle.NewObj, Class: o.Class, Args: pickle.Tuple{c},
			State: pickle.NewDict("data", c), HasState: true}
	}
	return letters, true, nil
}

// dequeIterator reads the deque that goes on, and how many elements were given.
func (w *Budget) dequeIterator(forwards bool, args pickle.Tuple, depth int) ([]any, bool, error) {
	if len(args) != 2 {
		return nil, false, nil
	}
	given, ok := args[1].(int64)
	items, err := w.iterate(args[0], depth)
	if !ok || err != nil {
		return nil, false, err
	}
	if !forwards {
		if items, err = w.backwards(items); err != nil {
			return nil, false, err
		}
	}
	return items[min(max(given, 0), int64(len(items))):], true, nil
}

// backwards returns the elements from the last one on.
func (w *Budget) backwards(items []any) ([]any, error) {
	if err := w.MakeEach(len(items), ValueBytes/2); err != nil {
		return nil, err
	}
	out := make([]any, len(items))
	for i, v := range items {
		out[len(items)-1-i] = v
	}
	return out, nil
}

// userMapping are the items of what has keys() and is no dict: a UserDict, a ChainMap, a Series or a DataFrame of
// pandas.
func (w *Budget) userMapping(o *pickle.Object) (pairs []pickle.Pair, ok bool, err error) {
	switch {
	case o.IsA("collections", "UserDict"):
		data, _ := field(o, "data")
		return w.Mapping(data)
	case o.IsA("collections", "ChainMap"):
		return w.chained(o)
	}
	return w.pandasMapping(o)
}

// chained are the items of a ChainMap in the order of its keys: those of its last map come first, and each has the
// value that the first map has for it.
func (w *Budget) chained(o *pickle.Object) ([]pickle.Pair, bool, error) {
	of, _ := field(o, "maps")
	maps, ok := itemsOf(of)
	if !ok {
		return nil, false, nil
	}
	all := new(pickle.Dict)
	for i := len(maps) - 1; i >= 0; i-- {
		pairs, isMap, err := w.mappingLike(maps[i])
		if err != nil || !isMap {
			return nil, false, err
		}
		for _, p := range pairs {
			if !w.setItem(all, p.Key, p.Value) {
				return nil, false, w.Refused()
			}
		}
	}
	return w.Mapping(all)
}

// mappingLike is Mapping, and takes a UserDict.
func (w *Budget) mappingLike(v any) ([]pickle.Pair, bool, error) {
	if o, isObject := v.(*pickle.Object); isObject && o.IsA("collections", "UserDict") {
		return w.userMapping(o)
	}
	return w.Mapping(v)
}

func keysOfPairs(pairs []pickle.Pair) []any {
	keys := make([]any, len(pairs))
	for i, p := range pairs {
		keys[i] = p.Key
	}
	return keys
}

// KeyedItems returns the items of what dict(x) asks for its keys, which is a dict, a subclass of dict, or what has a
// method keys. ok is false for anything else.
func (w *Budget) KeyedItems(v any) (items []pickle.Pair, ok bool, err error) {
	items, ok, err = w.Mapping(v)
	if o, isObject := v.(*pickle.Object); isObject && !ok && err == nil {
		return w.userMapping(o)
	}
	return items, ok, err
}

// subclassed returns what an object has that its pickle appends to it, as it does to a list of a class of its own,
// or sets as items of it, as it does to a dict. What else it may be, a list or a dict is what it was filled as.
func subclassed(o *pickle.Object) (items []any, pairs []pickle.Pair) {
	if o.Kind != pickle.NewObj && o.Kind != pickle.NewObjEx {
		return nil, nil
	}
	if g, _, ok := classOf(o); !ok || g.Module == "collections" {
		return nil, nil
	}
	switch {
	case len(o.Items) > 0 && len(o.Pairs) == 0:
		return o.Items, nil
	case len(o.Pairs) > 0 && len(o.Items) == 0:
		return nil, o.Pairs
	}
	return nil, nil
}

// ListItems returns the elements of a list, or of an object of a class that derives from list.
func ListItems(v any) ([]any, bool) {
	switch v := v.(type) {
	case *pickle.List:
		return v.Items, true
	case *pickle.Object:
		items, _ := subclassed(v)
		return items, items != nil
	}
	return nil, false
}

// otherItems are the elements of an object that is another by name: text, bytes or a tuple; or that derives from a
// list, a dict or a tuple.
func (w *Budget) otherItems(o *pickle.Object, depth int) (items []any, ok bool, err error) {
	items, pairs := subclassed(o)
	switch {
	case items != nil:
		return items, true, w.Step(1)
	case pairs != nil:
		return keysOfPairs(pairs), true, w.MakeEach(len(pairs), ValueBytes)
	}
	if _, items, ok := tupleOf(o); ok {
		return items, true, w.Step(1)
	}
	switch v := plain(o).(type) {
	case string, []byte, pickle.ByteString, pickle.Tuple:
		if b, isBytes := v.([]byte); isBytes && isPython2(o) {
			v = pickle.ByteString(b)
		}
		items, err := w.iterate(v, depth)
		return items, err == nil, err
	}
	return nil, false, nil
}

// isPython2 tells whether a scalar of numpy was pickled by Python 2, to which bytes are text.
func isPython2(o *pickle.Object) bool {
	args, _ := o.Args.(pickle.Tuple)
	if len(args) == 0 {
		return false
	}
	_, is := args[len(args)-1].(pickle.ByteString)
	return is
}
