package xmlrpc

// MaxDepth is how deep arrays and structs may nest. A stock Python writes fewer than 500 levels before
// its own recursion limit ends it.
const MaxDepth = 1000

// maxElements is how deep XML elements may nest: each level of values takes three, and a message some
// around them.
const maxElements = 3*MaxDepth + 16

// MaxSize is how long a message Marshal makes, in bytes.
const MaxSize = 1 << 30

// maxDigits is how many digits an integer may have: sys.int_info.default_max_str_digits.
const maxDigits = 4300
