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

// ParseTrackerLine reads a line without its end.
func ParseTrackerLine(line []byte) (command string, r Resource, err error) {
	var l trackerLine
	err = l.parse(line)
	return l.command, l.Resource, err
}

// FormatTrackerLine returns a line with its end.
func FormatTrackerLine(command string, r Resource) ([]byte, error) {
	return trackerLine{command, r}.line()
}
