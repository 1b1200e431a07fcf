package xmlrpc_test

import (
	"testing"

	"mpbridge/managers/internal/xmlrpc"
	"mpbridge/pickle"
)

// FuzzUnmarshal reads anything; what can be written again must be read as the same.
func FuzzUnmarshal(f *testing.F) {
	for _, c := range readings {
		f.Add([]byte(message(c.xml)))
	}
	for _, c := range broken {
		f.Add([]byte(c.xml))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := xmlrpc.Unmarshal(data)
		if err != nil {
			_ = err.Error()
			return
		}
		doc, err := xmlrpc.Marshal(v)
		if err != nil {
			return // a number or a key that XML-RPC has not
		}
		again, err := xmlrpc.Unmarshal(doc)
		if err != nil {
			t.Fatalf("%v\n%s", err, doc)
		}
		second, err := xmlrpc.Marshal(again)
		if err != nil {
			t.Fatal(err)
		}
		third, err := xmlrpc.Unmarshal(second)
		if err != nil || !pickle.Equal(again, third) {
			t.Fatalf("%v\n%s\nbecame\n%s", err, doc, second)
		}
	})
}
