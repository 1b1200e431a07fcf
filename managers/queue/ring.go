package queue

// ring is a line of items that grows at its tail and is taken from at either end.
type ring struct {
	slots []*item // their number is a power of two
	head  int
	count int
}

// smallRing is how many slots a ring keeps however empty it is.
const smallRing = 1024

func (r *ring) at(i int) **item { return &r.slots[(r.head+i)&(len(r.slots)-1)] }

func (r *ring) push(it *item) {
	if r.count == len(r.slots) {
		r.resize(max(8, 2*len(r.slots)))
	}
	r.count++
	*r.at(r.count - 1) = it
}

func (r *ring) popHead() *item {
	it := r.take(0)
	r.head = (r.head + 1) & (len(r.slots) - 1)
	r.shrink()
	return it
}

func (r *ring) popTail() *item {
	it := r.take(r.count - 1)
	r.shrink()
	return it
}

// take takes what is at one of the ends.
func (r *ring) take(i int) *item {
	p := r.at(i)
	it := *p
	*p = nil
	r.count--
	return it
}

// shrink gives room back after a long queue was emptied.
func (r *ring) shrink() {
	if len(r.slots) > smallRing && r.count <= len(r.slots)/8 {
		r.resize(len(r.slots) / 4)
	}
}

func (r *ring) resize(n int) {
	slots := make([]*item, n)
	for i := range r.count {
		slots[i] = *r.at(i)
	}
	r.slots, r.head = slots, 0
}
