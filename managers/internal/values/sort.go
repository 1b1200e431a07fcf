package values

// SortedPermutation returns the places of the items in the order of sorted(items, reverse=reverse):
// equal ones stay in the order that they have, in reverse too. Where two have no order the error is
// the TypeError of the first comparison that Python makes of such.
func SortedPermutation(items []any, reverse bool) ([]int, error) {
	return (*Budget)(nil).SortedPermutation(items, reverse)
}

// SortedPermutation is the function SortedPermutation within the budget.
func (w *Budget) SortedPermutation(items []any, reverse bool) ([]int, error) {
	if err := w.MakeEach(len(items), 2*placeBytes); err != nil {
		return nil, err
	}
	s := sorter{budget: w, items: items, order: make([]int, len(items))}
	for i := range s.order {
		s.order[i] = i
		if reverse {
			s.order[i] = len(items) - 1 - i
		}
	}
	if err := s.sort(); err != nil {
		return nil, err
	}
	if reverse {
		turn(s.order)
	}
	return s.order, nil
}

// sorter compares in the order in which Objects/listobject.c does, as far as lists of up to 63
// elements go, so that even what has no total order, such as NaN or sets, comes out as in Python.
type sorter struct {
	budget *Budget
	items  []any
	order  []int
	spare  []int
}

// placeBytes is what the place of an element takes.
const placeBytes = 8

// shortRun is how many elements are sorted by insertion: MAX_MINRUN.
const shortRun = 64

func (s *sorter) less(x, y int) (bool, error) {
	if err := s.budget.Step(1); err != nil {
		return false, err
	}
	return s.budget.Compare(LT, s.items[x], s.items[y])
}

func (s *sorter) sort() error {
	var ends []int // of runs already in order
	for at := 0; at < len(s.order); {
		rest := s.order[at:]
		n, err := s.countRun(rest)
		if err != nil {
			return err
		}
		if least := min(len(rest), shortRun/2); n < least || len(s.order) < shortRun {
			least = max(least, min(len(rest), shortRun-1)*b2i(len(s.order) < shortRun))
			if err := s.insert(rest[:least], n); err != nil {
				return err
			}
			n = least
		}
		at += n
		ends = append(ends, at)
	}
	s.spare = make([]int, len(s.order))
	for len(ends) > 1 {
		if err := s.mergePairs(&ends); err != nil {
			return err
		}
	}
	return nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// countRun returns how many elements at the start are in order; a descending run is turned.
func (s *sorter) countRun(a []int) (int, error) {
	n := 1
	for ; n < len(a); n++ {
		less, err := s.less(a[n], a[n-1])
		if err != nil {
			return 0, err
		}
		if less {
			break
		}
	}
	if n >= len(a) {
		return len(a), nil
	}
	if n > 1 {
		// Some that are equal may begin a descending run.
		less, err := s.less(a[0], a[n-1])
		if err != nil || less {
			return n, err
		}
	}
	return s.descending(a, n)
}

// descending goes on where a[n] is less than all of the n equal elements before it.
func (s *sorter) descending(a []int, n int) (int, error) {
	turn(a[:n]) // equal ones, which the turn at the end puts right again
	equal := 0  // at the end of what was seen
	for n++; n < len(a); n++ {
		less, err := s.less(a[n], a[n-1])
		if err != nil {
			return 0, err
		}
		if less {
			turn(a[n-equal-1 : n])
			equal = 0
			continue
		}
		larger, err := s.less(a[n-1], a[n])
		if err != nil {
			return 0, err
		}
		if larger {
			break
		}
		equal++
	}
	turn(a[n-equal-1 : n])
	turn(a[:n])
	for ; n < len(a); n++ {
		less, err := s.less(a[n], a[n-1])
		if err != nil {
			return 0, err
		}
		if less {
			break
		}
	}
	return n, nil
}

func turn(a []int) {
	for i, j := 0, len(a)-1; i < j; i, j = i+1, j-1 {
		a[i], a[j] = a[j], a[i]
	}
}

// insert sorts a, of which the first n are in order, by binary insertion.
func (s *sorter) insert(a []int, n int) error {
	for ; n < len(a); n++ {
		pivot := a[n]
		left, right := 0, n
		for left < right {
			mid := (left + right) / 2
			less, err := s.less(pivot, a[mid])
			if err != nil {
				return err
			}
			if less {
				right = mid
			} else {
				left = mid + 1
			}
		}
		copy(a[left+1:n+1], a[left:n])
		a[left] = pivot
	}
	return nil
}

// mergePairs merges each two runs that are neighbours.
func (s *sorter) mergePairs(ends *[]int) error {
	kept, start := (*ends)[:0], 0
	for i := 0; i < len(*ends); i += 2 {
		if i+1 == len(*ends) {
			kept = append(kept, (*ends)[i])
			break
		}
		mid, end := (*ends)[i], (*ends)[i+1]
		if err := s.merge(s.order[start:end], mid-start); err != nil {
			return err
		}
		kept, start = append(kept, end), end
	}
	*ends = kept
	return nil
}

func (s *sorter) merge(a []int, mid int) error {
	left := append(s.spare[:0], a[:mid]...)
	right := a[mid:]
	to := 0
	for len(left) > 0 && len(right) > 0 {
		less, err := s.less(right[0], left[0])
		if err != nil {
			return err
		}
		if less {
			a[to], right = right[0], right[1:]
		} else {
			a[to], left = left[0], left[1:]
		}
		to++
	}
	copy(a[to:], left)
	return nil
}
