package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mpbridge/managers"
	"mpbridge/managers/client"
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
func (n objectName) queue(ctx context.Context, c *client.Client) (*client.Queue, error) {
	args := slices.Clone(n.args)
	for i, a := range args { // JSON has no tuple, and no list names a queue
		args[i] = withTuples(a)
	}
	q, err := c.OpenQueue(ctx, n.typeid, args...)
	return q, n.unknown(err)
}

// unknown says of a KeyError that it is about the name: what a manager answers that offers nothing under it.
func (n objectName) unknown(err error) error {
	remote := (*managers.RemoteError)(nil)
	if !errors.As(err, &remote) || !errors.Is(err, managers.ErrKeyError) || len(remote.Exception.Args) != 1 {
		return err
	}
	if key, ok := pickle.Text(remote.Exception.Args[0]); !ok || strings.Trim(key, "'") != n.typeid {
		return err
	}
	return fmt.Errorf("nothing is offered there as %q: %w", n.typeid, err)
}

// isQueue tells whether an object may be a queue, of which a manager perhaps offers a part. Others have methods of
// these names, too: get of a dict takes nothing, and finds None.
func isQueue(q *client.Queue) bool {
	switch {
	case q.Has("put"), q.Has("qsize"), q.Has("get_nowait"):
		return true
	case !q.Has("get"):
		return false
	}
	return !q.Has("keys") && !q.Has("__getitem__") && !q.Has("set")
}

// withTuples returns a value with tuples in the place of lists.
func withTuples(v any) any {
	l, ok := v.(*pickle.List)
	if !ok {
		return v
	}
	t := make(pickle.Tuple, len(l.Items))
	for i, item := range l.Items {
		t[i] = withTuples(item)
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
