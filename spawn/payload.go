package spawn

import (
	"fmt"

	"mpbridge/pickle"
)

// What a parent sends is two pickles, back to back: the preparation data and the process. Nothing says how long they are.

// payload is what has been read of them.
type payload struct {
	data   []byte
	first  int // length of the first pickle; 0 until it is whole
	second int // and of the second
}

// add takes what was read, and tells whether both pickles are whole.
func (p *payload) add(b []byte) { p.data = append(p.data, b...) }

// whole tells whether both pickles are there.
func (p *payload) whole() bool {
	if p.first == 0 {
		p.first = pickle.Span(p.data)
	}
	if p.first > 0 && p.second == 0 {
		p.second = pickle.Span(p.data[p.first:])
	}
	return p.second > 0
}

// decode makes values of the two pickles.
func (p *payload) decode(o *pickle.DecodeOptions) (*CurrentProcess, *job, error) {
	c := &CurrentProcess{}
	preparation, err := decodeOne(p.data[:p.first], "the preparation data", o)
	if err != nil {
		return nil, nil, err
	}
	if err := c.prepare(preparation); err != nil {
		return nil, nil, err
	}
	process := p.data[p.first : p.first+p.second]
	v, err := decodeOne(process, "the process", o)
	if err != nil {
		return nil, nil, err
	}
	c.Protocol = protocolOf(process)
	j, err := c.describe(v)
	return c, j, err
}

func decodeOne(data []byte, what string, o *pickle.DecodeOptions) (v any, err error) {
	if err := o.Unmarshal(data, &v); err != nil {
		return nil, fmt.Errorf("spawn: decoding %s: %w", what, err)
	}
	return v, nil
}

// protocolOf returns the protocol that a pickle says it has; 2 is the least that says so.
func protocolOf(data []byte) int {
	const proto = 0x80
	if len(data) >= 2 && data[0] == proto && data[1] >= 2 {
		return min(int(data[1]), pickle.HighestProtocol)
	}
	return 2
}

// aim is what can be known of a job before all of it is there.
type aim struct {
	class  pickle.Global
	target any
}

// isText tells whether element i of the stack is a text.
func isText(stack []any, i int, text string) bool {
	if i >= len(stack) {
		return false
	}
	is, _ := pickle.Text(stack[i])
	return is == text
}

// aim looks for the class and the target of the process in what has been read so far. ok is false while they are not
// there. The attribute _args stands behind _target, so that it tells that the target is whole.
func (p *payload) aim() (a aim, ok bool) {
	if p.whole(); p.first == 0 {
		return a, false
	}
	x := pickle.Examine(p.data[p.first:])
	stack := x.Stack
	if x.Whole {
		stack = []any{x.Value}
	}
	for i, v := range stack {
		switch v := v.(type) {
		case *pickle.Object:
			_, class, _ := v.Made()
			if g, isClass := class.(pickle.Global); isClass && i == 0 {
				a.class = g
			}
			if state := v.Attrs(); state != nil && i == 0 {
				a.target, ok = state.Get("_target")
			}
		case *pickle.Dict:
			if target, there := v.Get("_target"); there {
				a.target, ok = target, true
			}
		default:
			if name, _ := pickle.Text(v); name == "_target" && isText(stack, i+2, "_args") {
				a.target, ok = stack[i+1], true
			}
		}
	}
	return a, ok
}
