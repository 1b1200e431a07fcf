package values

import "mpbridge/pickle"

// This file has the iterators of the module itertools that choose from pools.

// combined makes product(*pools), or permutations, combinations and combinations_with_replacement(pool, r). Their
// state is the places of the elements that were chosen last; that of permutations has how its places go on, too.
func combined(name string) maker {
	return func(w *Budget, o *pickle.Object, args pickle.Tuple, depth int) (stream, error) {
		pools, r, ok, err := w.pools(name, args, depth)
		if err != nil {
			return nil, err
		}
		c := &chooser{pools: pools}
		if !ok || !c.begin(name, r, o) {
			return nil, notRead(o)
		}
		return func() (any, bool, error) {
			if c.through {
				return nil, false, nil
			}
			if c.started && !c.next(c) {
				c.through = true
				return nil, false, nil
			}
			c.started = true
			if err := w.makeRow(len(c.at)); err != nil {
				return nil, false, err
			}
			return c.row(), true, nil
		}, nil
	}
}

// pools reads what is chosen from: as many pools as elements are chosen, or one.
func (w *Budget) pools(name string, args pickle.Tuple, depth int) (pools [][]any, r int, ok bool, err error) {
	from := []any(args)
	if name != "product" {
		if len(args) != 2 {
			return nil, 0, false, nil
		}
		n, isInt := args[1].(int64)
		if !isInt || n < 0 || n > maxChosen {
			return nil, 0, false, nil
		}
		r, from = int(n), args[:1]
	}
	for _, a := range from {
		pool, err := w.iterate(a, depth)
		if err != nil {
			return nil, 0, false, err
		}
		pools = append(pools, pool)
	}
	return pools, r, true, nil
}

// maxChosen is how many elements may be chosen at once.
const maxChosen = 1 << 16

// chooser goes from one choice to the next.
type chooser struct {
	pools   [][]any
	at      []int // the places of what is chosen
	order   []int // of permutations: all places, the first len(at) of which are chosen
	cycles  []int // of permutations
	next    func(*chooser) bool
	started bool
	through bool
}

// begin sets out from the first choice, or behind that which the state of o names.
func (c *chooser) begin(name string, r int, o *pickle.Object) bool {
	n := 0
	if name == "product" {
		r = len(c.pools)
		c.next = nextOfProduct
		for _, p := range c.pools {
			c.through = c.through || len(p) == 0
		}
	} else {
		n = len(c.pools[0])
	}
	c.at = make([]int, r)
	switch name {
	case "permutations":
		c.next, c.through = nextPermutation, r > n
		c.order, c.cycles = counting(n), make([]int, min(r, n))
		for i := range c.cycles {
			c.cycles[i] = n - i
		}
		copy(c.at, c.order)
	case "combinations":
		c.next, c.through = nextCombination, r > n
		copy(c.at, counting(r))
	case "combinations_with_replacement":
		c.next, c.through = nextWithReplacement, n == 0 && r > 0
	}
	if !o.HasState || c.through {
		return true
	}
	c.started = true
	return c.resume(name, o.State)
}

func counting(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// resume reads a state, and keeps it in its bounds as Python does.
func (c *chooser) resume(name string, state any) bool {
	parts, ok := state.(pickle.Tuple)
	if !ok {
		return false
	}
	if name != "permutations" {
		return len(parts) == len(c.at) && places(c.at, parts, func(i int) int { return c.most(name, i) })
	}
	n := len(c.order)
	if len(parts) != 2 {
		return false
	}
	order, ok1 := parts[0].(pickle.Tuple)
	cycles, ok2 := parts[1].(pickle.Tuple)
	if !ok1 || !ok2 || len(order) != n || len(cycles) != len(c.cycles) ||
		!places(c.order, order, func(int) int { return n - 1 }) ||
		!places(c.cycles, cycles, func(i int) int { return n - i }) {
		return false
	}
	for i := range c.cycles {
		c.cycles[i] = max(c.cycles[i], 1)
	}
	copy(c.at, c.order)
	return true
}

// most is the largest place that may stand at i.
func (c *chooser) most(name string, i int) int {
	switch name {
	case "product":
		return len(c.pools[i]) - 1
	case "combinations":
		return len(c.pools[0]) - len(c.at) + i
	}
	return len(c.pools[0]) - 1
}

func places(to []int, from pickle.Tuple, most func(int) int) bool {
	for i, v := range from {
		n, ok := v.(int64)
		if !ok {
			return false
		}
		to[i] = int(min(max(n, 0), int64(most(i))))
	}
	return true
}

// row is what is chosen.
func (c *chooser) row() pickle.Tuple {
	out := make(pickle.Tuple, len(c.at))
	for i, at := range c.at {
		out[i] = c.pools[min(i, len(c.pools)-1)][at] // there is one pool, or one for each
	}
	return out
}

// nextOfProduct counts up as a number is written, whose last digit is the first to change.
func nextOfProduct(c *chooser) bool {
	for i := len(c.at) - 1; i >= 0; i-- {
		if c.at[i]++; c.at[i] < len(c.pools[i]) {
			return true
		}
		c.at[i] = 0
	}
	return false
}

func nextCombination(c *chooser) bool {
	n, r := len(c.pools[0]), len(c.at)
	i := r - 1
	for i >= 0 && c.at[i] >= i+n-r {
		i--
	}
	if i < 0 {
		return false
	}
	c.at[i]++
	for j := i + 1; j < r; j++ {
		c.at[j] = c.at[j-1] + 1
	}
	return true
}

func nextWithReplacement(c *chooser) bool {
	n := len(c.pools[0])
	i := len(c.at) - 1
	for i >= 0 && c.at[i] >= n-1 {
		i--
	}
	if i < 0 {
		return false
	}
	v := c.at[i] + 1
	for ; i < len(c.at); i++ {
		c.at[i] = v
	}
	return true
}

// nextPermutation is that of permutations_next: each cycle that runs out turns what stands behind it.
func nextPermutation(c *chooser) bool {
	n := len(c.order)
	for i := len(c.at) - 1; i >= 0; i-- {
		if c.cycles[i]--; c.cycles[i] == 0 {
			first := c.order[i]
			copy(c.order[i:], c.order[i+1:])
			c.order[n-1] = first
			c.cycles[i] = n - i
			continue
		}
		j := n - c.cycles[i]
		c.order[i], c.order[j] = c.order[j], c.order[i]
		copy(c.at, c.order)
		return true
	}
	return false
}
