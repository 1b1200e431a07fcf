package values

import (
	"strings"

	"mpbridge/pickle"
)

// long is an integer that Python 2 holds in its type long, whatever its size.
type long struct{ value any }

func longs(items []any) []any {
	out := make([]any, len(items))
	for i, v := range items {
		out[i] = long{v}
	}
	return out
}

func (r *repr) array(s sequence) error {
	if err := r.put("array("); err != nil {
		return err
	}
	if err := r.native(s.Typecode); err != nil {
		return err
	}
	if len(s.Items) == 0 {
		return r.put(")")
	}
	if err := r.put(", "); err != nil {
		return err
	}
	if strings.Contains("uwc", s.Typecode) {
		var text strings.Builder
		for _, v := range s.Items {
			c, _ := pickle.Text(v)
			if len(c) > r.limit-text.Len() {
				return tooLong(r.limit)
			}
			text.WriteString(c)
		}
		if err := r.text(text.String()); err != nil {
			return err
		}
		return r.put(")")
	}
	items := s.Items
	if r.style.Python2 && strings.Contains("IL", s.Typecode) {
		items = longs(items)
	}
	return r.list("[", items, "])")
}
