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

var huge, _ = new(big.Int).SetString("123456789012345678901234567890", 10)

// readings are values in the forms in which some Python reads them.
var readings = []struct {
	name, xml string
	want      any
}{
	{"nil", "<value><nil/></value>", nil},
	{"nil of an extension", "<value><ex:nil xmlns:ex='u'/></value>", nil},
	{"nil of an extension that is not declared", "<value><ex:nil/></value>", nil},
	{"true", "<value><boolean>1</boolean></value>", true},
	{"int", "<value><int> -7\n</int></value>", int64(-7)},
	{"i4", "<value><i4>+7</i4></value>", int64(7)},
	{"i8", "<value><i8>9999999999</i8></value>", int64(9999999999)},
	{"ex:i8", "<value><ex:i8>1</ex:i8></value>", int64(1)},
	{"i1", "<value><i1>1</i1></value>", int64(1)},
	{"biginteger", "<value><biginteger>123456789012345678901234567890</biginteger></value>", huge},
	{"double", "<value><double> 1.5e3 </double></value>", 1500.0},
	{"float", "<value><float>-INF</float></value>", math.Inf(-1)},
	{"a double beyond the range", "<value><double>1e999</double></value>", math.Inf(1)},
	{"bigdecimal", "<value><bigdecimal>1.50</bigdecimal></value>",
		object(pickle.Reduce, "decimal", "Decimal", pickle.Tuple{"1.50"}, nil)},
	{"string", "<value><string>a&lt;&amp;&#233;\n </string></value>", "a<&é\n "},
	{"an empty string", "<value><string/></value>", ""},
	{"text without a type", "<value> a </value>", " a "},
	{"an empty value", "<value/>", ""},
	{"CDATA and a comment", "<value><string>a<!-- no --><![CDATA[<b>]]></string></value>", "a<b>"},
	{"white space around a type", "<value>\n <int>1</int>\n </value>", int64(1)},
	{"base64", "<value><base64>\nYW\nI= \n</base64></value>", []byte("ab")},
	{"no base64", "<value><base64/></value>", []byte{}},
	{"dateTime", "<value><dateTime.iso8601> 20240229T01:02:03</dateTime.iso8601></value>",
		pickle.NaiveDatetime(time.Date(2024, 2, 29, 1, 2, 3, 0, time.UTC))},
	{"a dateTime that is none", "<value><dateTime.iso8601>soon</dateTime.iso8601></value>",
		object(pickle.Reduce, "xmlrpc.client", "DateTime", pickle.Tuple{"soon"}, nil)},
	{"array", "<value><array><data><value>a</value><value><nil/></value></data></array></value>",
		&pickle.List{Items: []any{"a", nil}}},
	{"an array without data", "<value><array/></value>", &pickle.List{}},
	{"struct", "<value><struct><member><name>a</name><value><int>1</int></value></member></struct></value>",
		pickle.NewDict("a", int64(1))},
	{"an element that means nothing", "<other/><value>a</value>", "a"},
}

func TestUnmarshalReadsWhatSomePythonReads(t *testing.T) {
	for _, c := range readings {
		t.Run(c.name, func(t *testing.T) {
			got, err := xmlrpc.Unmarshal([]byte(message(c.xml)))
			require.NoError(t, err)
			assert.True(t, pickle.Equal(c.want, got), "%#v", got)
			assert.Equal(t, pickle.TypeName(c.want), pickle.TypeName(got))
		})
	}
}

func TestAMethodCallIsReadForItsValue(t *testing.T) {
	got, err := xmlrpc.Unmarshal([]byte("<?xml version='1.0'?>\n<methodCall><methodName>m</methodName>" +
		message("<value>a</value>") + "</methodCall>\n"))
	require.NoError(t, err)
	assert.Equal(t, "a", got)
}

func TestAFaultIsAnError(t *testing.T) {
	_, err := xmlrpc.Unmarshal([]byte("<fault><value><struct><member><name>faultCode</name><value><int>3" +
		"</int></value></member><member><name>faultString</name><value>no</value></member></struct>" +
		"</value></fault>"))
	var fault *xmlrpc.Fault
	require.ErrorAs(t, err, &fault)
	assert.Equal(t, xmlrpc.Fault{Code: int64(3), String: "no"}, *fault)
}

// broken are messages that nothing can be made of.
var broken = []struct{ name, xml, want string }{
	{"nothing", "", "no element found"},
	{"white space", " \n", "no element found"},
	{"a pickle", "\x80\x02N.", "ExpatError"},
	{"cut off", "<params><param><value>", "unexpected EOF"},
	{"crossing elements", "<params><param></params></param>", "ExpatError"},
	{"two documents", message("<value/>") + "<params/>", "junk after document element"},
	{"text behind", message("<value/>") + "x", "text outside"},
	{"text before", "x" + message("<value/>"), "text outside"},
	{"no params", "<other/>", "ResponseError"},
	{"no value", "<params/>", "one value, not 0"},
	{"two values", message("<value/><value/>"), "one value, not 2"},
	{"an unknown type", message("<value><set/></value>"), `unknown tag "set"`},
	{"a boolean that is none", message("<value><boolean>2</boolean></value>"), "bad boolean value"},
	{"an int that is none", message("<value><int>1x</int></value>"), "invalid literal for int()"},
	{"an int of too many digits", message("<value><int>" + strings.Repeat("9", 5000) + "</int></value>"),
		"digits"},
	{"a double that is none", message("<value><double>0x1p3</double></value>"), "could not convert"},
	{"a bigdecimal that is none", message("<value><bigdecimal>x</bigdecimal></value>"), "decimal"},
	{"base64 cut off", message("<value><base64>YWJ</base64></value>"), "Incorrect padding"},
	{"a name without a value", message("<value><struct><name>a</name></struct></value>"), "IndexError"},
	{"a list as a key", message("<value><struct><array/><value/></struct></value>"), "unhashable"},
	{"bytes that are not UTF-8", message("<value>\xff</value>"), "invalid UTF-8"},
	{"a control character", message("<value>&#1;</value>"), "ExpatError"},
	{"an entity", "<!DOCTYPE p [<!ENTITY a 'aaaa'>]>" + message("<value>&a;</value>"), "invalid character entity"},
	{"another encoding", "<?xml version='1.0' encoding='utf-7'?>" + message("<value/>"), "ExpatError"},
	{"a fault that says nothing", "<fault/>", "ResponseError"},
}

func TestUnmarshalRefuses(t *testing.T) {
	for _, c := range broken {
		t.Run(c.name, func(t *testing.T) {
			_, err := xmlrpc.Unmarshal([]byte(c.xml))
			require.Error(t, err)
			assert.Contains(t, err.Error(), c.want)
		})
	}
}

func TestUnmarshalBoundsTheDepth(t *testing.T) {
	array := func(levels int) []byte {
		return []byte(message(strings.Repeat("<value><array><data>", levels) +
			strings.Repeat("</data></array></value>", levels)))
	}
	_, err := xmlrpc.Unmarshal(array(xmlrpc.MaxDepth))
	require.NoError(t, err)
	var limit *xmlrpc.LimitError
	_, err = xmlrpc.Unmarshal(array(xmlrpc.MaxDepth + 1))
	require.ErrorAs(t, err, &limit)
	_, err = xmlrpc.Unmarshal([]byte(strings.Repeat("<a>", 1<<20)))
	require.ErrorAs(t, err, &limit)
}

func TestTextOfElementsInElementsIsNotKeptForEach(t *testing.T) {
	const levels = 1000
	doc := strings.Repeat("<string>", levels) + strings.Repeat("x", 1<<16) +
		strings.Repeat("</string>", levels)
	_, err := xmlrpc.Unmarshal([]byte("<fault>" + doc + "</fault>"))
	require.ErrorIs(t, err, xmlrpc.ErrResponse)
	v, err := xmlrpc.Unmarshal([]byte("<params><array>" + doc + "</array></params>"))
	require.NoError(t, err)
	total := 0
	for _, s := range v.(*pickle.List).Items {
		total += len(s.(string))
	}
	assert.Equal(t, 1<<16, total)
}
