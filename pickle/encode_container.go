package pickle

// This file writes tuples, lists, dicts and sets.

// batch is how many elements stand behind one mark: that of CPython's picklers.
const batch = 1000

// enter counts levels.
func (e *encoder) enter() error {
	if e.depth++; e.depth > DefaultMaxDepth {
		return &LimitError{What: "levels", Limit: DefaultMaxDepth, Got: int64(e.depth)}
	}
	return nil
}

// begin prepares for writing a value that gets its memo number only when it is complete, and so can
// be met again inside itself, through a list for example. It is then written once more inside, as
// CPython does; the outer attempt is given up when finished tells so.
func (e *encoder) begin(id ident, n int) error {
	if err := e.enter(); err != nil {
		return err
	}
	if _, again := e.known.get(id); !again {
		e.known.set(id, unfinished)
		return nil
	}
	if e.reenters += n + 1; e.reenters > maxReentered {
		return &LimitError{What: "elements of values inside themselves", Limit: maxReentered,
			Got: int64(e.reenters)}
	}
	return nil
}

// finished tells whether a value has been written meanwhile, inside itself.
func (e *encoder) finished(id ident, before int) (num int, ok bool) {
	if e.next == before {
		return 0, false // no memo number was given since
	}
	num, _ = e.known.get(id)
	return num, num >= 0
}

// leaf tells whether no value can be inside itself, since none nests.
func leaf(items []any) bool {
	for _, v := range items {
		switch v.(type) {
		case nil, bool, int64, float64, string, int, ByteString:
		default:
			return false
		}
	}
	return true
}

func (e *encoder) tuple(t Tuple) error {
	if len(t) == 0 {
		e.emptyTuple()
		return nil
	}
	id := tupleIdent(t)
	if e.recall(id) {
		return nil
	}
	if leaf(t) {
		if err := e.plainTuple(t); err != nil {
			return err
		}
	} else if done, err := e.deepTuple(t, id); done || err != nil {
		return err
	}
	e.put(id)
	return nil
}

func (e *encoder) emptyTuple() {
	if e.proto == 0 {
		e.op(opMark)
		e.op(opTuple)
		return
	}
	e.op(opEmptyTuple)
}

// marked tells whether a tuple of n elements begins with a mark.
func (e *encoder) marked(n int) bool { return n > 3 || e.proto < 2 }

// closeTuple ends a tuple of n elements.
func (e *encoder) closeTuple(n int) {
	if e.marked(n) {
		e.op(opTuple)
		return
	}
	e.op([...]Op{opEmptyTuple, opTuple1, opTuple2, opTuple3}[n])
}

// plainTuple writes a tuple without regard to what it contains, and gives it no memo number.
func (e *encoder) plainTuple(t Tuple) error {
	if len(t) == 0 {
		e.emptyTuple()
		return nil
	}
	if e.marked(len(t)) {
		e.op(opMark)
	}
	for _, v := range t {
		if err := e.value(v); err != nil {
			return err
		}
	}
	e.closeTuple(len(t))
	return nil
}

// deepTuple writes a tuple that may be inside itself; done says that it was, and is on the stack.
func (e *encoder) deepTuple(t Tuple, id ident) (done bool, err error) {
	if err := e.begin(id, len(t)); err != nil {
		return false, err
	}
	marked, before := e.marked(len(t)), e.next
	if marked {
		e.op(opMark)
	}
	for i, v := range t {
		if err := e.value(v); err != nil {
			return false, err
		}
		if num, ok := e.finished(id, before); ok {
			e.discard(i+1, marked)
			e.get(num)
			e.depth--
			return true, nil
		}
	}
	e.closeTuple(len(t))
	e.depth--
	return false, nil
}

// discard takes n values, or all down to a mark, off the reader's stack.
func (e *encoder) discard(n int, marked bool) {
	switch {
	case !marked || e.proto == 0:
		for range n {
			e.op(opPop)
		}
		if marked {
			e.op(opPop) // the mark: protocol 0 has no POP_MARK
		}
	default:
		e.op(opPopMark)
	}
}

func (e *encoder) list(l *List) error {
	if l == nil {
		e.op(opNone)
		return nil
	}
	id := pointerIdent(l)
	if e.recall(id) {
		return nil
	}
	if err := e.enter(); err != nil {
		return err
	}
	e.emptyList()
	e.put(id)
	err := e.items(l.Items)
	e.depth--
	return err
}

func (e *encoder) emptyList() {
	if e.proto == 0 {
		e.op(opMark)
		e.op(opList)
		return
	}
	e.op(opEmptyList)
}

// items appends elements to the list, or object, on the stack.
func (e *encoder) items(items []any) error {
	for len(items) > 0 {
		n := e.openBatch(len(items))
		for _, v := range items[:n] {
			if err := e.value(v); err != nil {
				return err
			}
		}
		e.closeBatch(n, opAppend, opAppends)
		items = items[n:]
	}
	return nil
}

// openBatch returns how many of n elements come next, and marks the stack where they are several.
func (e *encoder) openBatch(n int) int {
	if n == 1 || e.proto == 0 {
		return 1
	}
	e.op(opMark)
	return min(n, batch)
}

func (e *encoder) closeBatch(n int, one, several Op) {
	if n == 1 {
		e.op(one)
		return
	}
	e.op(several)
}

func (e *encoder) dict(d *Dict) error {
	if d == nil {
		e.op(opNone)
		return nil
	}
	id := pointerIdent(d)
	if e.recall(id) {
		return nil
	}
	if err := e.enter(); err != nil {
		return err
	}
	e.emptyDict()
	e.put(id)
	err := e.pairs(d.t.live())
	e.depth--
	return err
}

func (e *encoder) emptyDict() {
	if e.proto == 0 {
		e.op(opMark)
		e.op(opDict)
		return
	}
	e.op(opEmptyDict)
}

// pairs sets items of the dict, or object, on the stack.
func (e *encoder) pairs(pairs []Pair) error {
	for len(pairs) > 0 {
		n := e.openBatch(len(pairs))
		for _, p := range pairs[:n] {
			if err := e.value(p.Key); err != nil {
				return err
			}
			if err := e.value(p.Value); err != nil {
				return err
			}
		}
		e.closeBatch(n, opSetItem, opSetItems)
		pairs = pairs[n:]
	}
	return nil
}

func (e *encoder) set(s *Set) error {
	if s == nil {
		e.op(opNone)
		return nil
	}
	id := pointerIdent(s)
	if e.recall(id) {
		return nil
	}
	if e.proto < 4 {
		return e.builtSet(id, "set", s.t.live())
	}
	if err := e.enter(); err != nil {
		return err
	}
	e.op(opEmptySet)
	e.put(id)
	for pairs := s.t.live(); len(pairs) > 0; {
		n := min(len(pairs), batch)
		e.op(opMark)
		if err := e.keys(pairs[:n]); err != nil {
			return err
		}
		e.op(opAddItems)
		pairs = pairs[n:]
	}
	e.depth--
	return nil
}

func (e *encoder) keys(pairs []Pair) error {
	for _, p := range pairs {
		if err := e.value(p.Key); err != nil {
			return err
		}
	}
	return nil
}

func (e *encoder) frozenSet(s *FrozenSet) error {
	if s == nil {
		e.op(opNone)
		return nil
	}
	id := pointerIdent(s)
	if e.recall(id) {
		return nil
	}
	if e.proto < 4 {
		return e.builtSet(id, "frozenset", s.t.live())
	}
	if err := e.begin(id, s.Len()); err != nil {
		return err
	}
	before := e.next
	e.op(opMark)
	if err := e.keys(s.t.live()); err != nil {
		return err
	}
	e.depth--
	if num, ok := e.finished(id, before); ok {
		e.op(opPopMark)
		e.get(num)
		return nil
	}
	e.op(opFrozenSet)
	e.put(id)
	return nil
}

// builtSet writes a set as a call: set([...]).
func (e *encoder) builtSet(id ident, name string, pairs []Pair) error {
	if err := e.begin(id, len(pairs)); err != nil {
		return err
	}
	before := e.next
	if err := e.global(Global{"builtins", name}); err != nil {
		return err
	}
	if e.proto < 2 {
		e.op(opMark)
	}
	items := make([]any, len(pairs))
	for i, p := range pairs {
		items[i] = p.Key
	}
	e.emptyList()
	if err := e.items(items); err != nil {
		return err
	}
	e.closeTuple(1)
	e.depth--
	if num, ok := e.finished(id, before); ok {
		e.discard(2, false)
		e.get(num)
		return nil
	}
	e.op(opReduce)
	e.put(id)
	return nil
}
