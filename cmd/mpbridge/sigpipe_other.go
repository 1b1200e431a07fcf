//go:build !unix

package main

func noSIGPIPE() {}
