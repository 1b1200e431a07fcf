package queue

import (
	"container/heap"
	"iter"
)

// itemHeap is a heap of items, each of which knows its place.
type itemHeap struct {
	less  func(a, b *item) bool
	items []*item
}

func (h *itemHeap) len() int { return len(h.items) }

func (h *itemHeap) push(it *item) { heap.Push((*heapOfItems)(h), it) }

func (h *itemHeap) pop() *item { return heap.Pop((*heapOfItems)(h)).(*item) }

// remove takes an item out, if it is there.
func (h *itemHeap) remove(it *item) {
	if i := int(it.place); i < len(h.items) && h.items[i] == it {
		heap.Remove((*heapOfItems)(h), i)
	}
}

// sorted yields the items in their order. It looks at as many as are asked for, and their neighbours.
func (h *itemHeap) sorted() iter.Seq[*item] {
	return func(yield func(*item) bool) {
		next := &frontier{of: h}
		for at := 0; at < len(h.items); {
			for child := 2*at + 1; child <= 2*at+2 && child < len(h.items); child++ {
				heap.Push(next, child)
			}
			if !yield(h.items[at]) || len(next.places) == 0 {
				return
			}
			at = heap.Pop(next).(int)
		}
	}
}

// heapOfItems is an itemHeap as container/heap wants it.
type heapOfItems itemHeap

// Len, Less and Swap are those of sort.Interface.
func (h *heapOfItems) Len() int           { return len(h.items) }
func (h *heapOfItems) Less(i, j int) bool { return h.less(h.items[i], h.items[j]) }

func (h *heapOfItems) Swap(i, j int) {
	h.items[i], h.items[j] = h.items[j], h.items[i]
	h.items[i].place, h.items[j].place = int32(i), int32(j)
}

// Push adds an item at the end.
func (h *heapOfItems) Push(x any) {
	it := x.(*item)
	it.place = int32(len(h.items))
	h.items = append(h.items, it)
}

// Pop removes the last item, and room after many have gone.
func (h *heapOfItems) Pop() any {
	n := len(h.items) - 1
	it := h.items[n]
	h.items[n] = nil
	h.items = h.items[:n]
	if cap(h.items) > smallRing && n <= cap(h.items)/8 {
		h.items = append(make([]*item, 0, cap(h.items)/4), h.items...)
	}
	return it
}

// frontier is a heap of places in another, whose parents were looked at.
type frontier struct {
	of     *itemHeap
	places []int
}

// Len, Less and Swap are those of sort.Interface.
func (f *frontier) Len() int { return len(f.places) }
func (f *frontier) Less(i, j int) bool {
	return f.of.less(f.of.items[f.places[i]], f.of.items[f.places[j]])
}
func (f *frontier) Swap(i, j int) { f.places[i], f.places[j] = f.places[j], f.places[i] }

// Push adds a place at the end.
func (f *frontier) Push(x any) { f.places = append(f.places, x.(int)) }

// Pop removes the last place.
func (f *frontier) Pop() any {
	last := f.places[len(f.places)-1]
	f.places = f.places[:len(f.places)-1]
	return last
}
