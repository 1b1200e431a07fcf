// Sharedmem puts numbers where a stock Python, examples/shared_memory.py, finds them, and reads from a list what that
// makes of them. It prints how to start the Python, and ends when something is typed.
package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"mpbridge/sharedmem"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "sharedmem:", err)
		os.Exit(1)
	}
}

func run() (err error) {
	numbers := make([]float64, 1000)
	for i := range numbers {
		numbers[i] = float64(i)
	}
	segment, err := sharedmem.Create("", 8*len(numbers), &sharedmem.CreateOptions{Fill: func(buf []byte) error {
		_, err := binary.Encode(buf, binary.NativeEndian, numbers)
		return err
	}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, segment.Unlink(), segment.Close()) }()
	results, err := sharedmem.NewShareableList([]any{"a text of up to 40 bytes can stand here", 0.0}, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, results.SharedMemory().Unlink(), results.SharedMemory().Close()) }()

	fmt.Println("python3 examples/shared_memory.py", segment.Name(), results.SharedMemory().Name())
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	text, err := sharedmem.ItemAs[string](results, 0)
	if err != nil {
		return err
	}
	sum, err := sharedmem.ItemAs[float64](results, 1)
	fmt.Println(text, sum)
	return err
}
