package values

import (
	"fmt"
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

// numpy shows a scalar or an array. It returns false for what looks otherwise.
func (r *repr) numpy(o *pickle.Object) (bool, error) {
	n, ok := pickle.Numpy(o)
	if !ok {
		return false, nil
	}
	text := n.Kind() == 'S' || n.Kind() == 'U'
	if !text && !strings.Contains(numpySizes[n.Kind()], fmt.Sprintf(" %d ", n.ItemSize())) {
		return false, nil
	}
	if n.Kind() == 'M' && shownUnits[unitName(n)] == "" && unitName(n) != "generic" {
		return false, nil
	}
	if n.IsScalar() {
		return r.numpyScalar(n)
	}
	return true, r.numpyArray(n)
}

func (r *repr) numpyArray(n pickle.NumpyArray) error {
	shape, size := n.Shape(), 1
	for _, dim := range shape {
		size *= dim
	}
	l := &layout{n: n, shape: shape, summary: size > numpyThreshold,
		budget: r.budget, limit: r.limit, full: func() error { return r.full("") }}
	list := "[]"
	if size > 0 {
		if m := r.budget.Mark(); n.Kind() != 'O' { // what its elements make is counted with the text
			defer func() { r.budget.giveBack(r.budget.since(m)) }()
		}
		items, err := l.shown(nil)
		if err != nil {
			return err
		}
		l.text = r.formatter(n, items)
		if list, err = l.rows(nil, strings.Repeat(" ", len(arrayPrefix)+1), numpyWidth-len(")")); err != nil {
			return err
		}
	}
	var extras []string
	if size == 0 && len(shape) != 1 || l.summary && n.Version() == 2 {
		extras = append(extras, "shape="+shapeText(shape))
	}
	if dtype := dtypeText(n); size == 0 || !implied(n) {
		extras = append(extras, "dtype="+dtype)
	}
	if len(extras) == 0 {
		return r.put(arrayPrefix, list, ")")
	}
	text, extra, spacer := arrayPrefix+list+",", strings.Join(extras, ", ")+")", " "
	if len(text)-strings.LastIndexByte(text, '\n')-1+len(extra)+1 > numpyWidth {
		spacer = "\n" + strings.Repeat(" ", len(arrayPrefix))
	}
	return r.put(text, spacer, extra)
}
