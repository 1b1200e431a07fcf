package sharedmem

// ParseList reads memory as a list, and returns the number of its items and what reads and writes them.
func ParseList(mem []byte) (n int, get func(int) (any, error), put func(int, any) error, err error) {
	l, err := parseListLayout(mem)
	if err != nil {
		return 0, nil, nil, err
	}
	get = func(i int) (any, error) { return l.get(mem, i) }
	put = func(i int, v any) error {
		item, err := newListItem(v)
		if err != nil {
			return err
		}
		return l.put(mem, i, item)
	}
	return l.items(), get, put, nil
}
