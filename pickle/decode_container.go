package pickle

// This file has the opcodes that make and fill lists, tuples, dicts and sets.

func copied(items []any) []any {
	if len(items) == 0 {
		return nil
	}
	return append(make([]any, 0, len(items)), items...)
}

func (d *decoder) doTuple([]byte) error {
	items, err := d.toMark()
	if err != nil {
		return err
	}
	t := append(make(Tuple, 0, len(items)), items...)
	return d.replace(len(items), t)
}

func (d *decoder) doTuple1([]byte) error { return d.tuple(1) }
func (d *decoder) doTuple2([]byte) error { return d.tuple(2) }
func (d *decoder) doTuple3([]byte) error { return d.tuple(3) }

func (d *decoder) tuple(n int) error {
	if err := d.need(n); err != nil {
		return err
	}
	t := append(make(Tuple, 0, n), d.stack[len(d.stack)-n:]...)
	return d.replace(n, t)
}

func (d *decoder) doList([]byte) error {
	items, err := d.toMark()
	if err != nil {
		return err
	}
	return d.replace(len(items), &List{copied(items)})
}

func (d *decoder) doAppend([]byte) error {
	if err := d.need(2); err != nil {
		return err
	}
	if err := d.extend(d.top(1), d.stack[len(d.stack)-1:]); err != nil {
		return err
	}
	d.drop(1)
	return nil
}

func (d *decoder) doAppends([]byte) error {
	items, err := d.toMark()
	if err != nil {
		return err
	}
	to, err := d.below(items)
	if err != nil || len(items) == 0 {
		return err // nothing is done then, whatever there is below
	}
	if err := d.extend(to, items); err != nil {
		return err
	}
	d.drop(len(items))
	return nil
}

func (d *decoder) extend(to any, items []any) error {
	switch to := to.(type) {
	case *List:
		to.Items = append(to.Items, items...)
	case *Object:
		if to.HasState {
			return errNoAppend // the order would be lost; picklers write the state last
		}
		to.Items = append(to.Items, items...)
	default:
		return errNoAppend
	}
	return nil
}

func (d *decoder) doDict([]byte) error {
	items, err := d.toMark()
	if err != nil {
		return err
	}
	dict := new(Dict)
	if err := d.fill(dict, items); err != nil {
		return err
	}
	d.tally.bytes += tableBytes
	return d.replace(len(items), dict)
}

func (d *decoder) doSetItem([]byte) error {
	if err := d.need(3); err != nil {
		return err
	}
	if err := d.fill(d.top(2), d.stack[len(d.stack)-2:]); err != nil {
		return err
	}
	d.drop(2)
	return nil
}

func (d *decoder) doSetItems([]byte) error {
	items, err := d.toMark()
	if err != nil {
		return err
	}
	to, err := d.below(items)
	if err != nil || len(items) == 0 {
		return err
	}
	if err := d.fill(to, items); err != nil {
		return err
	}
	d.drop(len(items))
	return nil
}

// fill sets keys and values in turn.
func (d *decoder) fill(to any, items []any) error {
	if len(items)%2 != 0 {
		return errOddPairs
	}
	switch to := to.(type) {
	case *Dict:
		to.t.expect(len(items) / 2)
		for i := 0; i < len(items); i += 2 {
			if err := d.add(&to.t, items[i], items[i+1]); err != nil {
				return err
			}
		}
	case *Object:
		if to.HasState {
			return errNoSetItem
		}
		for i := 0; i < len(items); i += 2 {
			if err := hashable(items[i]); err != nil {
				return err
			}
			to.Pairs = append(to.Pairs, Pair{items[i], items[i+1]})
		}
	default:
		return errNoSetItem
	}
	return nil
}

func (d *decoder) add(t *table, k, v any) error {
	loosened, err := t.add(k, v, &d.keys)
	if loosened {
		d.late = append(d.late, t)
	}
	return err
}

func (d *decoder) doAddItems([]byte) error {
	items, err := d.toMark()
	if err != nil {
		return err
	}
	to, err := d.below(items)
	if err != nil || len(items) == 0 {
		return err
	}
	set, ok := to.(*Set)
	if !ok {
		return errNoAppend
	}
	if err := d.addAll(&set.t, items); err != nil {
		return err
	}
	d.drop(len(items))
	return nil
}

func (d *decoder) addAll(t *table, items []any) error {
	t.expect(len(items))
	for _, v := range items {
		if err := d.add(t, v, nil); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) doFrozenSet([]byte) error {
	items, err := d.toMark()
	if err != nil {
		return err
	}
	set := new(FrozenSet)
	if err := d.addAll(&set.t, items); err != nil {
		return err
	}
	d.tally.bytes += tableBytes
	return d.replace(len(items), set)
}
