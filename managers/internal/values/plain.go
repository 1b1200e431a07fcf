package values

import "mpbridge/pickle"

// plain returns the value that v is equal to, and has the hash of: see pickle.Plain.
func plain(v any) any {
	switch v.(type) {
	case pickle.Global, *pickle.Object:
		return pickle.Plain(v)
	}
	return v
}
