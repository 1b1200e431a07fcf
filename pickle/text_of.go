package pickle

// Text returns the text of a decoded str of either Python: a string, or a ByteString whatever its bytes.
func Text(v any) (text string, ok bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case ByteString:
		return string(v), true
	}
	return "", false
}

// asText is Text, and tells whether a Python 3 reads it so.
func asText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case ByteString:
		return string(v), ascii(v)
	}
	return "", false
}
