package pickle

import "strings"

// builtinFunctions are the functions of builtins, Python 2's and 3's: all its other names are classes, and a few
// constants.
const builtinFunctions = " abs aiter all anext any apply ascii bin breakpoint callable chr cmp coerce compile" +
	" delattr dir divmod eval exec execfile format getattr globals hasattr hash hex id input intern isinstance" +
	" issubclass iter len locals max min next oct open ord pow print raw_input reload repr round setattr sorted" +
	" sum unichr vars __import__ "

// BuiltinFunction tells whether g names one of Python's built-in functions.
func BuiltinFunction(g Global) bool {
	return g.Module == "builtins" && strings.Contains(builtinFunctions, " "+g.Name+" ")
}
