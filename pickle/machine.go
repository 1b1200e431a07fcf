package pickle

// machine is the stack of the pickle machine, with its marks, and its memo. It knows no opcodes and
// no types. All its memory is bounded by its limits.
type machine struct {
	stack []any
	marks []int // heights of the stack, never decreasing
	memo  []any // dense part: numbers below its length
	far   map[int64]any

	pushed   int // values made so far
	recorded int // memo entries
	lim      limits
	due      int // the value at which something has to be looked at: a limit, or the Meter
	spent    func() error
	refusal  error // what spent said at last
}

// absent stands in the memo where nothing was put. None is a value.
type absent struct{}

// farGap is how far beyond the end a memo number may lie to extend the dense part. Numbers that
// jump farther go to a map, so that one opcode cannot claim gigabytes.
const farGap = 64

func (m *machine) push(v any) error {
	if m.pushed++; m.pushed >= m.due {
		if err := m.checkpoint(); err != nil {
			return err
		}
	}
	m.stack = append(m.stack, v)
	return nil
}

// limit sets the machine's limits, and what is called every now and then, which may be nil.
func (m *machine) limit(lim limits, spent func() error) {
	m.lim, m.spent = lim, spent
	m.schedule()
}

// schedule sets when the next checkpoint is.
func (m *machine) schedule() {
	if m.due = m.lim.items + 1; m.spent != nil {
		m.due = min(m.due, m.pushed+meterEvery)
	}
}

func (m *machine) checkpoint() error {
	if m.pushed > m.lim.items {
		return &LimitError{What: "values", Limit: int64(m.lim.items), Got: int64(m.pushed)}
	}
	m.schedule()
	if m.spent != nil {
		m.refusal = m.spent()
		return m.refusal
	}
	return nil
}

// fence is the height below which the innermost mark lets nothing be taken.
func (m *machine) fence() int {
	if n := len(m.marks); n > 0 {
		return m.marks[n-1]
	}
	return 0
}

// need says whether n values can be taken.
func (m *machine) need(n int) error {
	if len(m.stack)-n < m.fence() {
		return errUnderflow
	}
	return nil
}

// top returns the value at the top, or i below it. The caller has asked need.
func (m *machine) top(i int) any { return m.stack[len(m.stack)-1-i] }

// drop takes n values off. The caller has asked need.
func (m *machine) drop(n int) {
	low := len(m.stack) - n
	clear(m.stack[low:])
	m.stack = m.stack[:low]
}

// replace takes n values off and puts v in their place.
func (m *machine) replace(n int, v any) error {
	m.drop(n)
	return m.push(v)
}

func (m *machine) mark() error {
	if len(m.marks) >= m.lim.depth {
		return &LimitError{What: "open marks", Limit: int64(m.lim.depth), Got: int64(len(m.marks) + 1)}
	}
	m.marks = append(m.marks, len(m.stack))
	return nil
}

// toMark removes the innermost mark and returns the values above it. They stay on the stack until
// the caller drops them, and must be copied if they are kept.
func (m *machine) toMark() ([]any, error) {
	n := len(m.marks)
	if n == 0 {
		return nil, errNoMark
	}
	items := m.stack[m.marks[n-1]:]
	m.marks = m.marks[:n-1]
	return items, nil
}

// below returns the value under those that toMark returned.
func (m *machine) below(items []any) (any, error) {
	if err := m.need(len(items) + 1); err != nil {
		return nil, err
	}
	return m.top(len(items)), nil
}

// pop is POP: it takes a value, or the mark where that is on top.
func (m *machine) pop() error {
	if n := len(m.marks); n > 0 && m.marks[n-1] == len(m.stack) {
		m.marks = m.marks[:n-1]
		return nil
	}
	if len(m.stack) == 0 {
		return errUnderflow
	}
	m.drop(1)
	return nil
}

// put writes the top of the stack into the memo.
func (m *machine) put(n int64) error {
	if err := m.need(1); err != nil {
		return errMarkMemo
	}
	v := m.top(0)
	switch have := int64(len(m.memo)); {
	case n < have:
		if _, free := m.memo[n].(absent); free {
			m.recorded++
		}
		m.memo[n] = v
	case n < have+farGap:
		for len(m.memo) < int(n) {
			m.memo = append(m.memo, absent{})
		}
		m.memo = append(m.memo, v)
		m.recorded++
	default:
		if m.far == nil {
			m.far = make(map[int64]any)
		}
		if _, again := m.far[n]; !again {
			m.recorded++
		}
		m.far[n] = v
	}
	if m.recorded > m.lim.memo {
		return &LimitError{What: "memo entries", Limit: int64(m.lim.memo), Got: int64(m.recorded)}
	}
	return nil
}

// get pushes a memo entry.
func (m *machine) get(n int64) error {
	if n < int64(len(m.memo)) {
		if v := m.memo[n]; v != any(absent{}) {
			return m.push(v)
		}
	}
	// An entry that was written while its number was far stays there.
	if v, ok := m.far[n]; ok {
		return m.push(v)
	}
	return errNoMemo
}

// keptRoom is how much of a machine's slices is kept for the next pickle.
const keptRoom = 1 << 10

// reset empties the machine; what it referred to can be collected.
func (m *machine) reset() {
	m.stack = emptied(m.stack)
	m.memo = emptied(m.memo)
	m.marks = m.marks[:0]
	m.far = nil
	m.pushed, m.recorded, m.due = 0, 0, 0
	m.spent, m.refusal = nil, nil
}

func emptied(s []any) []any {
	if cap(s) > keptRoom {
		return nil
	}
	clear(s)
	return s[:0]
}
