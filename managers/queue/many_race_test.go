//go:build race

package queue_test

// many is how many items make a book that is not kept well noticed; the race detector is slow enough.
const many = 20_000
