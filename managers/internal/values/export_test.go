package values

// ReprUpTo is Repr in no more than limit bytes, more or less.
func ReprUpTo(v any, o ReprStyle, limit int) (string, error) {
	r := repr{style: o, limit: limit}
	err := r.value(v)
	return string(r.b), err
}
