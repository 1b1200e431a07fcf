package pickle_test

import (
	"fmt"

	"mpbridge/pickle"
)

// A Raw carries a value from one pickle to another without looking into it.
func ExampleRaw() {
	message, _ := pickle.Marshal(map[string]any{"to": "worker", "body": []int{1, 2, 3}})
	var envelope struct {
		To   string     `pickle:"to"`
		Body pickle.Raw `pickle:"body"`
	}
	_ = pickle.Unmarshal(message, &envelope)
	forward, _ := pickle.Marshal(pickle.Tuple{"for " + envelope.To, envelope.Body})
	var v any
	_ = pickle.Unmarshal(forward, &v)
	fmt.Println(v)
	// Output: ('for worker', [1, 2, 3])
}
