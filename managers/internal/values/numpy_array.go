package values

import (
	"fmt"
	"strings"

	"mpbridge/pickle"
)

// This file lays arrays out.
//
// Source: _formatArray and _array_repr_implementation in numpy/_core/arrayprint.py.

const (
	numpyWidth     = 75
	numpyThreshold = 1000 // elements, above which only those at the edges are shown
	numpyEdge      = 3
	arrayPrefix    = "array("
)

// layout is an array on its way to text.
type layout struct {
	n       pickle.NumpyArray
	shape   []int
	summary bool
	text    func(any) (string, error)
	budget  *Budget
	out     int          // bytes made so far
	limit   int          // of them
	full    func() error // what comes of more
}

func shapeText(shape []int) string {
	if len(shape) == 1 {
		return fmt.Sprintf("(%d,)", shape[0])
	}
	return "(" + strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]") + ")"
}

// implied tells whether the elements say what dtype they are.
func implied(n pickle.NumpyArray) bool {
	if n.BigEndian() {
		return false
	}
	switch n.Kind() {
	case 'b':
		return true
	case 'i', 'f':
		return n.ItemSize() == 8
	case 'c':
		return n.ItemSize() == 16
	}
	return false
}

// dtypeText is the dtype as an argument.
func dtypeText(n pickle.NumpyArray) string {
	order := "<"
	if n.BigEndian() {
		order = ">"
	}
	unit, num := n.Unit()
	if num > 1 {
		unit = fmt.Sprintf("%d%s", num, unit)
	}
	switch kind := n.Kind(); {
	case kind == 'O':
		return "object"
	case kind == 'S':
		return fmt.Sprintf("'|S%d'", n.ItemSize())
	case kind == 'U':
		return fmt.Sprintf("'%sU%d'", order, n.ItemSize()/4)
	case (kind == 'M' || kind == 'm') && unit == "generic" && order == "<":
		return dtypeName(n)
	case (kind == 'M' || kind == 'm') && order == "<":
		return fmt.Sprintf("'%s[%s]'", dtypeName(n), unit)
	case kind == 'M' || kind == 'm':
		return fmt.Sprintf("'>%c8[%s]'", kind, unit)
	case order == ">":
		return fmt.Sprintf("'>%c%d'", kind, n.ItemSize())
	}
	return dtypeName(n)
}

// places are the indices along an axis that are shown; -1 stands for those that are left out.
func (l *layout) places(axis int) []int {
	size := l.shape[axis]
	var out []int
	if l.summary && size > 2*numpyEdge {
		for i := range numpyEdge {
			out = append(out, i)
		}
		out = append(out, -1)
		for i := range numpyEdge {
			out = append(out, size-numpyEdge+i)
		}
		return out
	}
	for i := range size {
		out = append(out, i)
	}
	return out
}

// shown returns the elements that are shown, of all or of a part of the array.
func (l *layout) shown(index []int) ([]any, error) {
	if len(index) == len(l.shape) {
		v, err := l.n.At(index...)
		if err != nil {
			return nil, err
		}
		return []any{v}, l.budget.Make(1, ValueBytes)
	}
	var out []any
	for _, i := range l.places(len(index)) {
		if i < 0 {
			continue
		}
		items, err := l.shown(append(index, i))
		if err != nil {
			return nil, err
		}
		out = append(out, items...)
	}
	return out, nil
}

// rows shows a part of the array, in lines that begin with indent and are so wide.
func (l *layout) rows(index []int, indent string, width int) (string, error) {
	left := len(l.shape) - len(index)
	switch left {
	case 0:
		v, err := l.n.At(index...)
		if err != nil {
			return "", err
		}
		return l.text(v)
	case 1:
		return l.row(index, indent, width-1)
	}
	var b strings.Builder
	b.WriteByte('[')
	for n, i := range l.places(len(index)) {
		if n > 0 {
			b.WriteString("," + strings.Repeat("\n", left-1) + indent)
		}
		text, err := "...", error(nil)
		if i >= 0 {
			text, err = l.rows(append(index, i), indent+" ", width-1)
		}
		if err == nil {
			err = l.room(len(text))
		}
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	b.WriteByte(']')
	return b.String(), nil
}

// row shows the last axis.
func (l *layout) row(index []int, indent string, width int) (string, error) {
	var done strings.Builder
	line := indent
	for n, i := range l.places(len(index)) {
		if n > 0 {
			line += ", "
		}
		word, err := "...", error(nil)
		if i >= 0 {
			word, err = l.rows(append(index, i), indent+" ", width)
		}
		if err == nil {
			err = l.room(len(word))
		}
		if err != nil {
			return "", err
		}
		if len(line)+len(word) > width && len(line) > len(indent) {
			done.WriteString(strings.TrimRight(line, " ") + "\n")
			line = indent
		}
		line += word
	}
	return "[" + (done.String() + line)[len(indent):] + "]", nil
}

// room counts text that was made, of which there may be no more than the repr takes.
func (l *layout) room(n int) error {
	if l.out += n; l.out > l.limit {
		return l.full()
	}
	return l.budget.Make(0, int64(n))
}
