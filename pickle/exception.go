package pickle

import (
	"fmt"
	"strings"
)

// ExceptionText is an exception with these arguments as the last line of a Python traceback shows it:
// classes of builtins without their module.
func ExceptionText(class Global, args []any) string {
	name := class.Name
	if class.Module != "builtins" {
		name = class.Module + "." + name
	}
	if len(args) == 0 {
		return name
	}
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = fmt.Sprint(a)
	}
	return name + ": " + strings.Join(parts, ", ")
}
