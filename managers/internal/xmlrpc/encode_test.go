package xmlrpc_test

import (
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/managers/internal/xmlrpc"
	"mpbridge/pickle"
)

// message is the body around one value.
func message(value string) string {
	return "<params>\n<param>\n" + value + "</param>\n</params>\n"
}

func object(kind pickle.ObjectKind, module, name string, args pickle.Tuple, state any) *pickle.Object {
	return &pickle.Object{
		Kind: kind, Class: pickle.Global{Module: module, Name: name}, Args: args,
		State: state, HasState: state != nil,
	}
}

func TestMarshalWritesWhatPythonWrites(t *testing.T) {
	noon := time.Date(987, 2, 3, 4, 5, 6, 7000, time.UTC)
	wrapper := pickle.NewDict("value", "20240102T03:04:05")
	cases := []struct {
		name string
		v    any
		want string
	}{
		{"None, which no line end follows", nil, "<value><nil/></value>"},
		{"true", true, "<value><boolean>1</boolean></value>\n"},
		{"false", false, "<value><boolean>0</boolean></value>\n"},
		{"the largest int", int64(math.MaxInt32), "<value><int>2147483647</int></value>\n"},
		{"the least int", big.NewInt(math.MinInt32), "<value><int>-2147483648</int></value>\n"},
		{"a whole float", 1.0, "<value><double>1.0</double></value>\n"},
		{"a negative zero", math.Copysign(0, -1), "<value><double>-0.0</double></value>\n"},
		{"a large float", 1e16, "<value><double>1e+16</double></value>\n"},
		{"a float just without exponent", 1e15, "<value><double>1000000000000000.0</double></value>\n"},
		{"a small float", 0.00001, "<value><double>1e-05</double></value>\n"},
		{"a float of many digits", 0.30000000000000004, "<value><double>0.30000000000000004</double></value>\n"},
		{"an infinity", math.Inf(-1), "<value><double>-inf</double></value>\n"},
		{"a NaN", math.NaN(), "<value><double>nan</double></value>\n"},
		{"text", "a<&>\"é\n", "<value><string>a&lt;&amp;&gt;\"é\n</string></value>\n"},
		{"text of Python 2", pickle.ByteString("a"), "<value><string>a</string></value>\n"},
		{"no bytes", []byte{}, "<value><base64>\n</base64></value>\n"},
		{"bytes on two lines", make([]byte, 58), "<value><base64>\n" + strings.Repeat("A", 76) +
			"\nAA==\n</base64></value>\n"},
		{"a bytearray", &pickle.ByteArray{Bytes: []byte("ab")},
			"<value><base64>\nYWI=\n</base64></value>\n"},
		{"a tuple", pickle.Tuple{nil, int64(1)},
			"<value><array><data>\n<value><nil/></value><value><int>1</int></value>\n" +
				"</data></array></value>\n"},
		{"an empty list", &pickle.List{}, "<value><array><data>\n</data></array></value>\n"},
		{"a dict", pickle.NewDict("a&b", int64(1)), "<value><struct>\n<member>\n<name>a&amp;b</name>\n" +
			"<value><int>1</int></value>\n</member>\n</struct></value>\n"},
		{"a datetime without its microseconds", pickle.NaiveDatetime(noon),
			"<value><dateTime.iso8601>09870203T04:05:06</dateTime.iso8601></value>\n"},
		{"the wrapper of a dateTime", object(pickle.NewObj, "xmlrpc.client", "DateTime", nil, wrapper),
			"<value><dateTime.iso8601>20240102T03:04:05</dateTime.iso8601></value>\n"},
		{"the wrapper of bytes",
			object(pickle.OldInstance, "xmlrpc.client", "Binary", nil,
				pickle.NewDict(pickle.ByteString("data"), pickle.ByteString("ab"))),
			"<value><base64>\nYWI=\n</base64></value>\n"},
		{"a plain instance", object(pickle.NewObj, "m", "C", nil, pickle.NewDict("x", true)),
			"<value><struct>\n<member>\n<name>x</name>\n<value><boolean>1</boolean></value>\n" +
				"</member>\n</struct></value>\n"},
		{"an instance without attributes", object(pickle.NewObj, "m", "C", nil, nil),
			"<value><struct>\n</struct></value>\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := xmlrpc.Marshal(c.v)
			require.NoError(t, err)
			assert.Equal(t, message(c.want), string(got))
		})
	}
}

func TestARawIsWrittenAsItsValue(t *testing.T) {
	r, err := pickle.NewRaw(pickle.Tuple{"a"}, nil)
	require.NoError(t, err)
	got, err := xmlrpc.Marshal(&pickle.List{Items: []any{r}})
	require.NoError(t, err)
	assert.Contains(t, string(got), "<string>a</string>")
}

func TestOneListInTwoPlacesIsWrittenTwice(t *testing.T) {
	inner := &pickle.List{Items: []any{"x"}}
	got, err := xmlrpc.Marshal(pickle.Tuple{inner, inner})
	require.NoError(t, err)
	assert.Equal(t, 2, strings.Count(string(got), "<string>x</string>"))
}

func TestMarshalRefusesAsPythonDoes(t *testing.T) {
	list, dict := &pickle.List{}, new(pickle.Dict)
	list.Items = []any{pickle.Tuple{list}}
	require.NoError(t, dict.Set("d", dict))
	cases := []struct {
		name string
		v    any
		want string
	}{
		{"an int of 33 bits", int64(math.MaxInt32) + 1, "OverflowError: int exceeds XML-RPC limits"},
		{"a huge int", new(big.Int).Lsh(big.NewInt(1), 99), "OverflowError: int exceeds XML-RPC limits"},
		{"a key that is no text", pickle.NewDict(int64(1), nil), "TypeError: dictionary key must be string"},
		{"a set", pickle.NewSet("a"), "TypeError: cannot marshal <class 'set'> objects"},
		{"a complex", 1i, "TypeError: cannot marshal <class 'complex'> objects"},
		{"a Decimal", object(pickle.Reduce, "decimal", "Decimal", pickle.Tuple{"1"}, nil),
			"TypeError: cannot marshal <class 'decimal.Decimal'> objects"},
		{"an OrderedDict", &pickle.Object{
			Class: pickle.Global{Module: "collections", Name: "OrderedDict"},
			Pairs: []pickle.Pair{{Key: "a"}}},
			"TypeError: cannot marshal <class 'collections.OrderedDict'> objects"},
		{"a list in itself", list, "TypeError: cannot marshal recursive sequences"},
		{"a dict in itself", dict, "TypeError: cannot marshal recursive dictionaries"},
		{"a control character", "a\x00", "ValueError: XML has no form for the character U+0000"},
		{"a surrogate", "\xed\xa0\x80",
			"UnicodeEncodeError: the text has surrogates, or bytes that are not UTF-8"},
		{"text of Python 2 that is no text", pickle.ByteString("\xff"),
			"UnicodeEncodeError: the text has surrogates, or bytes that are not UTF-8"},
		{"a key with a control character", pickle.NewDict("\x01", nil),
			"ValueError: XML has no form for the character U+0001"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := xmlrpc.Marshal(c.v)
			var raised *xmlrpc.Error
			require.ErrorAs(t, err, &raised)
			assert.Equal(t, c.want, err.Error())
		})
	}
}

// nested is a list in a list, and so on.
func nested(levels int) any {
	v := &pickle.List{}
	for range levels - 1 {
		v = &pickle.List{Items: []any{v}}
	}
	return v
}

func TestMarshalBoundsTheDepth(t *testing.T) {
	_, err := xmlrpc.Marshal(nested(xmlrpc.MaxDepth))
	require.NoError(t, err)
	_, err = xmlrpc.Marshal(nested(xmlrpc.MaxDepth + 1))
	var limit *xmlrpc.LimitError
	require.ErrorAs(t, err, &limit)
}

func TestAppendBoundsWhatSharedListsUnfoldTo(t *testing.T) {
	var v any = pickle.Tuple{}
	for range 64 {
		v = pickle.Tuple{v, v}
	}
	_, err := xmlrpc.Append(nil, v, 1<<16)
	var limit *xmlrpc.LimitError
	require.ErrorAs(t, err, &limit)
	assert.Equal(t, 1<<16, limit.Limit)
}
