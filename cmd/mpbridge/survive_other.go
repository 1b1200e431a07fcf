//go:build !unix

package main

// failBrokenWrites does nothing: there are no signals of that kind.
func failBrokenWrites() {}
