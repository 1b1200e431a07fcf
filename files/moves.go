package files

// moves follows the files that had a name from one new name to the next, since that is all that tells two rotations in
// a moment from one.
type moves struct {
	name    string         // the one that matters
	now     []string       // what they are called now, the oldest first; "" while one is between two names
	between map[uint32]int // by the number of the move: which of now
}

// maxMoves is how many files are followed; the oldest go.
const maxMoves = 1000

// from notes that a file is about to lose a name.
func (m *moves) from(name string, move uint32) {
	at := m.index(name)
	if at < 0 && name == m.name {
		if len(m.now) >= maxMoves {
			m.forget()
		}
		m.now = append(m.now, "")
		at = len(m.now) - 1
	}
	if at < 0 {
		return
	}
	if m.between == nil {
		m.between = map[uint32]int{}
	}
	m.now[at] = ""
	m.between[move] = at
}

// to notes that it has got another.
func (m *moves) to(name string, move uint32) {
	m.gone(name) // what was called so is replaced
	if at, ok := m.between[move]; ok {
		m.now[at] = name
		delete(m.between, move)
	}
}

// gone notes that a file is no more.
func (m *moves) gone(name string) {
	if at := m.index(name); at >= 0 {
		m.now[at] = ""
	}
}

func (m *moves) index(name string) int {
	for i, n := range m.now {
		if n == name {
			return i
		}
	}
	return -1
}

// forget is for when the system has told too much, or not all.
func (m *moves) forget() { m.now, m.between = nil, nil }

// found forgets the files that have names, and keeps those that are between two.
func (m *moves) found() {
	if len(m.between) == 0 {
		m.forget()
	}
	clear(m.now)
}
