package pickle_test

import (
	"fmt"
	"os"

	"mpbridge/pickle"
)

func ExampleMarshal() {
	type task struct {
		Name string `pickle:"name"`
		Args []int  `pickle:"args"`
	}
	data, err := pickle.Marshal(task{"square", []int{2, 3}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%q\n", data)
	// Output: "\x80\x04}\x8c\x04name\x8c\x06squares\x8c\x04args](K\x02K\x03es."
}

func ExampleUnmarshal() {
	// pickle.dumps({'name': 'square', 'args': (2, 3)})
	data := []byte(
		"\x80\x04\x95\x1e\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x04name\x94\x8c\x06square\x94" +
			"\x8c\x04args\x94K\x02K\x03\x86\x94u.",
	)
	var task struct {
		Name string `pickle:"name"`
		Args []int  `pickle:"args"`
	}
	if err := pickle.Unmarshal(data, &task); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(task.Name, task.Args)

	var v any
	if err := pickle.Unmarshal(data, &v); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(v)
	// Output:
	// square [2 3]
	// {'name': 'square', 'args': (2, 3)}
}

func ExampleUnmarshal_object() {
	// queue.Empty() raised by a Python 2 server.
	data := []byte("\x80\x02cQueue\nEmpty\nq\x01)Rq\x02.")
	var v any
	if err := pickle.Unmarshal(data, &v); err != nil {
		fmt.Println(err)
		return
	}
	o := v.(*pickle.Object)
	fmt.Println(o, o.IsA("queue", "Empty"))
	// Output: queue.Empty() true
}

func ExampleDisassemble() {
	data, _ := pickle.Marshal(pickle.Tuple{"put", []int{1, 2}})
	if err := pickle.Disassemble(os.Stdout, data); err != nil {
		fmt.Println(err)
	}
	// Output:
	//     0: \x80 PROTO      4
	//     2: \x8c SHORT_BINUNICODE 'put'
	//     7: ]    EMPTY_LIST
	//     8: (    MARK
	//     9: K        BININT1    1
	//    11: K        BININT1    2
	//    13: e        APPENDS    (MARK at 8)
	//    14: \x86 TUPLE2
	//    15: q    BINPUT     0
	//    17: .    STOP
	// highest protocol among opcodes = 4
}

func ExampleDict() {
	d := pickle.NewDict(1, "one", pickle.Tuple{1, 2}, "pair")
	v, _ := d.Get(1.0) // 1 == 1.0 == True
	w, _ := d.Get(pickle.Tuple{true, 2})
	fmt.Println(v, w, d.Len())
	// Output: one pair 2
}

// Two values that are one key to Python have one key in a Go map, too.
func ExampleKeyOf() {
	one, _ := pickle.KeyOf(1.0, pickle.KeyOptions{})
	other, _ := pickle.KeyOf(&pickle.Object{
		Class: pickle.Global{Module: "decimal", Name: "Decimal"}, Args: pickle.Tuple{"1.00"},
	}, pickle.KeyOptions{})
	fmt.Println(one == other)
	_, err := pickle.KeyOf(pickle.Tuple{&pickle.List{}}, pickle.KeyOptions{})
	fmt.Println(err)
	// Output:
	// true
	// pickle: unhashable: list
}
