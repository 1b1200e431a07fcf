// Command mkcerts writes the certificates of a test to a folder: go run ./interop/mkcerts DIR.
package main

import (
	"fmt"
	"os"

	"mpbridge/interop/certs"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: mkcerts DIR")
		os.Exit(2)
	}
	if err := certs.WriteAll(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
