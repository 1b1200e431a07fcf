package server

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"mpbridge/internal/guard"
	"mpbridge/managers/internal/values"
)

// printer shows objects as text, within a budget.
type printer struct {
	*opener
	log   *slog.Logger // of panics
	style values.ReprStyle
	cut   int // how much of the text is wanted, in bytes; 0 for all of it
}

// previewLimits bound what is spent on the few characters of an object that a list of objects shows.
var previewLimits = values.BudgetLimits{Values: 1 << 16, Bytes: 32 << 20, Steps: 1 << 22}

// preview returns the beginning of an object's text. What takes too long to be shown is told instead; stop
// may be nil.
func (s *Server) preview(o Object, style values.ReprStyle, stop func() error) string {
	p := printer{s.newOpener(previewLimits, stop), s.log, style, 4 * (maxText + 1)}
	defer p.close()
	text, err := p.describe(o)
	if err != nil { // one that holds what cannot be opened hides no other
		text = "<" + err.Error() + ">"
	}
	return cut(text)
}

// represented is an object with elements.
type represented interface {
	repr(p printer) (string, error)
}

// describe is repr() of an object. One whose String panics, or ends its goroutine, is described by its type.
func (p printer) describe(o Object) (string, error) {
	text := ""
	switch o := o.(type) {
	case represented:
		return o.repr(p)
	case fmt.Stringer:
		err := guard.Apart(p.log, "String", func() error {
			text = o.String()
			return nil
		})
		if err == nil {
			return text, nil
		}
	}
	if x, ok := o.(interface{ typeText() string }); ok {
		return x.typeText(), nil
	}
	return fmt.Sprintf("<%s object>", strings.TrimPrefix(fmt.Sprintf("%T", o), "*")), nil
}

// text is repr(v).
func (p printer) text(v any) (string, error) {
	if p.cut > 0 {
		return p.budget().ReprStart(v, p.style, p.cut)
	}
	return p.budget().Repr(v, p.style)
}

// fewItems is how many elements are enough where the text is cut anyway.
const fewItems = 80

// most is how many elements the text shows at most.
func (p printer) most() int {
	if p.cut > 0 {
		return fewItems
	}
	return maxItems
}

// elements opens cells: all of them, or as many as the text shows.
func (p printer) elements(cells []any) ([]any, error) {
	if p.cut == 0 {
		if err := p.budget().MakeEach(len(cells), values.ValueBytes/2); err != nil {
			return nil, err
		}
	}
	var items []any
	for length := 0; len(items) < len(cells) && (p.cut == 0 || length < p.cut); {
		v, n, err := p.element(cells[len(items)])
		if err != nil {
			return nil, err
		}
		length += n
		items = append(items, v)
	}
	return items, nil
}

// element opens one cell. Where only the beginning of the text is wanted, it returns how long that is, and
// what is too large for it is shown by its size.
func (p printer) element(cell any) (v any, length int, err error) {
	if p.cut == 0 {
		v, err = p.decodeShown(cell)
		return v, 0, err
	}
	m := p.budget().Mark()
	text := ""
	if v, err = p.decodeShown(cell); err == nil {
		text, err = p.budget().ReprStart(v, p.style, p.cut)
	}
	k, isKept := cell.(*storedValue)
	if over := (*values.BudgetError)(nil); isKept && errors.As(err, &over) {
		p.budget().Free(m)
		text = fmt.Sprintf("<%d bytes>", k.raw.Size())
		return values.Placeholder(text), len(text), nil
	}
	return v, len(text), err
}
