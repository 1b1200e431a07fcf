package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mpbridge/managers"
	"mpbridge/pickle"
)

// objectName is an object as a person names it: jobs, jobs.dead, get_queue("orders").
type objectName struct {
	typeid string
	args   []any
}

// parseName reads a name and its arguments, and what follows their closing parenthesis. Arguments are
// JSON; one word may stand without quotes, as ls shows it: get_queue(orders).
func parseName(text string) (n objectName, rest string, err error) {
	open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if open < 0 && end < 0 {
		return objectName{typeid: text}, "", nil
	}
	if open < 1 || end < open {
		return n, "", &usageError{fmt.Errorf("%q: want a name, or NAME(ARGUMENTS)", text)}
	}
	inner := strings.TrimSpace(text[open+1 : end])
	v, err := fromJSON([]byte("[" + inner + "]"))
	args, ok := v.(*pickle.List)
	if err != nil && bareWord(inner) {
		args, ok, err = &pickle.List{Items: []any{inner}}, true, nil
	}
	if err != nil || !ok {
		return n, "", &usageError{fmt.Errorf("the arguments of %q: %w", text, err)}
	}
	return objectName{text[:open], args.Items}, text[end+1:], nil
}

// bareWord tells whether an argument can only be meant as text.
func bareWord(text string) bool {
	return text != "" && !strings.ContainsAny(text, `"[]{},: `)
}

// queue finds the queue of a name.
func (n objectName) queue(ctx context.Context, c *managers.Client) (*managers.QueueProxy, error) {
	args := slices.Clone(n.args)
	for i, a := range args { // JSON has no tuple, and no list names a queue
		args[i] = hashable(a)
	}
	return c.Queue(ctx, n.typeid, args...)
}

// hashable returns a value with tuples in the place of lists.
func hashable(v any) any {
	l, ok := v.(*pickle.List)
	if !ok {
		return v
	}
	t := make(pickle.Tuple, len(l.Items))
	for i, item := range l.Items {
		t[i] = hashable(item)
	}
	return t
}

// queueName reads the name of a queue.
func queueName(text string) (objectName, error) {
	n, rest, err := parseName(text)
	if err == nil && rest != "" {
		err = &usageError{fmt.Errorf("%q: %q follows the name of a queue", text, rest)}
	}
	return n, err
}

// methodName reads the name of an object and of a method, which may be missing. Names of objects may
// have dots themselves: jobs.dead.get.
func methodName(text string) (n objectName, method string, err error) {
	n, rest, err := parseName(text)
	if err != nil {
		return n, "", err
	}
	if n.args != nil || rest != "" {
		if rest != "" && !strings.HasPrefix(rest, ".") {
			return n, "", &usageError{fmt.Errorf("%q: want NAME(ARGUMENTS).METHOD", text)}
		}
		return n, strings.TrimPrefix(rest, "."), nil
	}
	if i := strings.LastIndexByte(text, '.'); i >= 0 && text[i:] != ".dead" {
		n.typeid, method = text[:i], text[i+1:]
	}
	return n, method, nil
}
