package server

// sequence is an object whose elements are looked at in their order, while others may change it: a list, or a deque.
type sequence interface {
	// taken is a copy of the elements, and which of the object's changes it is a copy of.
	taken(c *Call) (cells []any, at uint64, err error)
	// removeAt takes an element out, unless the object has changed since.
	removeAt(i int, at uint64) bool
}

// findIn returns the place of the first element between two bounds that equals v, or -1.
func (c *Call) findIn(s sequence, v any, start, stop int) (int, error) {
	cells, _, err := s.taken(c)
	if err != nil {
		return -1, err
	}
	n := len(cells)
	from := min(place(start, n), n)
	i, err := c.find(cells[from:max(from, min(place(stop, n), n))], v)
	if i >= 0 {
		i += from
	}
	return i, err
}

// containedIn reports whether an element equals the first argument.
func (c *Call) containedIn(s sequence) (any, error) {
	v, err := c.argument(c.Value(0))
	if err != nil {
		return nil, err
	}
	i, err := c.findIn(s, v, 0, maxItems)
	return i >= 0, err
}

// countIn counts the elements that equal the first argument.
func (c *Call) countIn(s sequence) (any, error) {
	v, err := c.argument(c.Value(0))
	if err != nil {
		return nil, err
	}
	cells, _, err := s.taken(c)
	if err != nil {
		return nil, err
	}
	n, o := 0, c.opener()
	for _, cell := range cells {
		same, err := o.equalCell(cell, v)
		if err != nil {
			return nil, err
		}
		if same {
			n++
		}
	}
	return int64(n), nil
}

// removeFrom takes the first element out that equals the first argument. absent is the error where there is none.
func (c *Call) removeFrom(s sequence, absent func(v any) error) error {
	v, err := c.argument(c.Value(0))
	if err != nil {
		return err
	}
	for {
		m := c.budget().Mark()
		cells, at, err := s.taken(c)
		if err != nil {
			return err
		}
		i, err := c.find(cells, v)
		c.budget().Free(m)
		if err == nil && i < 0 {
			err = absent(v)
		}
		if err != nil {
			return err
		}
		if s.removeAt(i, at) {
			drop(cells[i])
			return nil
		}
	}
}
