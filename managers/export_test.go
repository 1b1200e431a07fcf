package managers

import "time"

// TakeItem takes the next item and returns what puts it back, as a reply that failed does.
func TakeItem(q *Queue) (back func()) {
	it, _, err := q.get(nil, 1, false, time.Time{})
	if err != nil {
		panic(err)
	}
	return it.undo
}
