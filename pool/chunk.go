package pool

import (
	"errors"
	"fmt"
	"iter"

	"mpbridge/pickle"
)

// chunkFunction is what the task of several items calls: chunk of worker.py, as mapstar of
// CPython's Pool, but that an exception is the result of its item alone.
var chunkFunction = pickle.Global{Module: "_mpbridge", Name: "chunk"}

// task makes the task of a chunk of n items: a Tuple, or for n > 1 a Raw that is a tuple.
func (s *stream) task(index, n int, items any) (*task, error) {
	p, j := s.pool, s.job
	if !s.single {
		args := pickle.Tuple{j.fn.value, items, s.star}
		return p.newTask(j, index, n, chunkFunction, args, nil)
	}
	item := items.(pickle.Tuple)
	if !s.star {
		return p.newTask(j, index, 1, j.fn.value, item, nil)
	}
	args, err := pickle.NewRaw(item[0], p.encode)
	if err != nil {
		return nil, fmt.Errorf("pool: %s: %w", j.fn.name, err)
	}
	parts, err := args.Elements()
	if err != nil {
		return nil, fmt.Errorf("pool: %s: arguments: %w", j.fn.name, err)
	}
	tuple := make(pickle.Tuple, len(parts))
	for i, part := range parts {
		tuple[i] = part
	}
	return p.newTask(j, index, 1, j.fn.value, tuple, nil)
}

// values yields the results of a piece, one for each of its items.
func values[T any](s *stream, c piece) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		out := make([]T, c.items)
		failed, err := open(s, c, out)
		for i := range c.items {
			var v T
			e := err
			if e == nil {
				e = failed[i]
			}
			if e != nil {
				e = &ItemError{Index: c.first + i, Err: e}
			} else {
				v = out[i]
			}
			if !yield(v, e) {
				return
			}
		}
	}
}

// open converts the results of a piece to out, which is as long as the piece. Those of items that
// failed stay as they were.
func open[T any](s *stream, c piece, out []T) (failed map[int]error, err error) {
	if s.single {
		return nil, c.outcome.to(&out[0])
	}
	if raws, ok := any(out).([]pickle.Raw); ok {
		return s.cutChunk(c, raws)
	}
	if c.err == nil && readNumbers(c.message, out) {
		return nil, nil
	}
	v, err := c.decode()
	if err != nil {
		return nil, err
	}
	pair, _ := v.(pickle.Tuple)
	if len(pair) != 2 {
		return nil, errShape
	}
	values, _ := pair[0].(*pickle.List)
	failures, _ := pair[1].(*pickle.List)
	if values == nil || failures == nil || len(values.Items) != c.items {
		return nil, errShape
	}
	if failed, err = s.failures(c, failures.Items); err != nil {
		return nil, err
	}
	for i, v := range values.Items {
		if failed[i] != nil {
			continue
		}
		if err := c.assign(&out[i], v); err != nil {
			failed = with(failed, i, err)
		}
	}
	return failed, nil
}

// cutChunk is open for results that stay pickled.
func (s *stream) cutChunk(c piece, out []pickle.Raw) (failed map[int]error, err error) {
	r, err := c.raw()
	if err != nil {
		return nil, err
	}
	parts, err := r.Elements()
	if err != nil || len(parts) != 2 {
		return nil, errors.Join(errShape, err)
	}
	values, err := parts[0].Elements()
	if err != nil || len(values) != len(out) {
		return nil, errors.Join(errShape, err)
	}
	copy(out, values)
	var failures []any
	if err := parts[1].Unmarshal(&failures); err != nil {
		return nil, err
	}
	return s.failures(c, failures)
}

// failures reads the list of (index, exception, traceback) that a chunk's result has.
func (s *stream) failures(c piece, list []any) (failed map[int]error, err error) {
	for _, f := range list {
		fields, ok := f.(pickle.Tuple)
		if !ok || len(fields) != 3 {
			return nil, errShape
		}
		i, ok := fields[0].(int64)
		if !ok || i < 0 || i >= int64(c.items) {
			return nil, errShape
		}
		e := &TaskError{Func: s.job.fn.name, Worker: c.worker, Pid: c.pid}
		failed = with(failed, int(i), exceptionError(fields[1], fields[2], e))
	}
	return failed, nil
}

func with(m map[int]error, i int, err error) map[int]error {
	if m == nil {
		m = map[int]error{}
	}
	m[i] = err
	return m
}

// to stores the value of a successful result in what v points to.
func (o outcome) to(v any) error {
	if raw, ok := v.(*pickle.Raw); ok {
		r, err := o.raw()
		*raw = r
		return err
	}
	x, err := o.decode()
	if err != nil {
		return err
	}
	return o.assign(v, x)
}

// assign is pickle.Assign with a short way for what results most often are.
func (o outcome) assign(dst, v any) error {
	switch dst := dst.(type) {
	case *any:
		*dst = v
		return nil
	case *int:
		if n, ok := v.(int64); ok && int64(int(n)) == n {
			*dst = int(n)
			return nil
		}
	case *int64:
		if n, ok := v.(int64); ok {
			*dst = n
			return nil
		}
	case *float64:
		if f, ok := v.(float64); ok {
			*dst = f
			return nil
		}
	case *string:
		if s, ok := v.(string); ok {
			*dst = s
			return nil
		}
	}
	err := (&pickle.DecodeOptions{Naive: o.naive}).Assign(dst, v)
	if err == nil {
		return nil
	}
	raw, rawErr := pickle.NewRaw(v, nil)
	return &ResultError{Raw: raw, Err: errors.Join(err, rawErr)}
}
