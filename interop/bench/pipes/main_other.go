//go:build !linux

// Command pipes compares package queues with multiprocessing's own queues and Pipe, on Linux.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "error: package queues is for Linux")
	os.Exit(1)
}
