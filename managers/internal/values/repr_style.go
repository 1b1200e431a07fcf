package values

// ReprStyle says as which Python's a repr is to look; the zero value is the newest.
type ReprStyle struct {
	Python2 bool // u'text', 'bytes', set([1]), 2**64 as 18446744073709551616L
	Python3 bool // 3.6 or 3.7: OrderedDict([('a', 1)]), <RegexFlag.IGNORECASE: 2>
}
