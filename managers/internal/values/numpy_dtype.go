package values

import (
	"fmt"

	"mpbridge/pickle"
)

// dtypeName is the name of a scalar's class.
func dtypeName(n pickle.NumpyArray) string {
	bits := 8 * n.ItemSize()
	switch n.Kind() {
	case 'b':
		return "bool"
	case 'i':
		return fmt.Sprintf("int%d", bits)
	case 'u':
		return fmt.Sprintf("uint%d", bits)
	case 'f':
		return fmt.Sprintf("float%d", bits)
	case 'c':
		return fmt.Sprintf("complex%d", bits)
	case 'S':
		return "bytes_"
	case 'U':
		return "str_"
	case 'M':
		return "datetime64"
	case 'm':
		return "timedelta64"
	}
	return "object_"
}
