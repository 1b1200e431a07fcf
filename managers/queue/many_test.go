//go:build !race

package queue_test

// many is how many items make a book that is not kept well noticed: with work that grows with the square
// they take minutes.
const many = 200_000
