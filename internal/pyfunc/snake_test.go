package pyfunc_test

import (
	"testing"

	"mpbridge/internal/pyfunc"

	"github.com/stretchr/testify/assert"
)

func TestExposedNamesAreInSnakeCase(t *testing.T) {
	for name, want := range map[string]string{
		"Add": "add", "GetURL": "get_url", "HTTPServer": "http_server", "ID": "id", "IDs": "ids",
		"GetIDsOf": "get_ids_of", "IsOK": "is_ok", "SHA256Sum": "sha256_sum", "X": "x",
		"Foo_Bar": "foo_bar", "ÜberAll": "über_all", "Import": "import_", "ToJSON": "to_json",
		"AsClass": "as_class", "Class": "class_", "Print": "print_", "GetX": "get_x",
		"DoAs": "do_as",
	} {
		assert.Equal(t, want, pyfunc.Snake(name), name)
	}
}
