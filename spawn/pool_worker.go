package spawn

import (
	"context"
	"errors"
	"fmt"
	"io"

	"mpbridge/managers"
	"mpbridge/pickle"
	"mpbridge/queues"
)

// poolWorker is multiprocessing.pool.worker.
//
// Source: worker in Lib/multiprocessing/pool.py.
//
//	target     worker(inqueue, outqueue, initializer=None, initargs=(), maxtasks=None, wrap_exception=False)
//	inqueue    (job, i, function, args, kwargs), or None: no more
//	outqueue   (job, i, (True, value)) or (job, i, (False, exception))
type poolWorker struct{}

var rebuildExc = pickle.Global{Module: "multiprocessing.pool", Name: "rebuild_exc"}

// poolJob is the arguments of a worker.
type poolJob struct {
	in, out     *queues.SimpleQueue
	initializer any
	initArgs    []any
	maxTasks    int64 // 0: any number
	rebuild     pickle.Global
}

func newPoolJob(args any) (*poolJob, error) {
	given, _ := args.(pickle.Tuple)
	all := make([]any, 6)
	copy(all, given)
	p := &poolJob{initializer: all[2]}
	var in, out, ok bool
	p.in, in = all[0].(*queues.SimpleQueue)
	p.out, out = all[1].(*queues.SimpleQueue)
	p.initArgs, ok = sequence(all[3])
	p.maxTasks, _ = all[4].(int64)
	if wraps, _ := all[5].(bool); wraps {
		p.rebuild = rebuildExc
	}
	if !in || !out || p.initializer != nil && !ok || len(given) > len(all) {
		return nil, bootstrapError("the arguments of the pool's worker are not those that Python gives it")
	}
	return p, nil
}

func (poolWorker) do(ctx context.Context, c *child, j *job) error {
	p, err := newPoolJob(j.args)
	if err != nil {
		return err
	}
	p.in.CloseWriter() // so that the end of the parent is one of the queue
	if err := p.out.CloseReader(); err != nil {
		return err
	}
	t := &tasks{c.known, c.self}
	// A worker whose initializer fails ends, and is replaced for ever. So one that is not there does not fail, but each task.
	var unready error
	if p.initializer != nil {
		if _, unready = t.find(p.initializer); unready == nil {
			if _, err := t.call(ctx, p.initializer, p.initArgs, nil); err != nil {
				return err
			}
		}
	}
	for n := int64(0); p.maxTasks <= 0 || n < p.maxTasks; n++ {
		more, err := p.serve(ctx, c, t, unready)
		if err != nil && ctx.Err() == nil && !errors.Is(err, io.EOF) {
			return err
		}
		if !more || err != nil {
			return nil
		}
	}
	return nil
}

// serve does one task. more is false where there are no more.
func (p *poolJob) serve(ctx context.Context, c *child, t *tasks, unready error) (more bool, err error) {
	raw, err := p.in.Get(ctx)
	if err != nil || raw.IsNone() {
		return false, err
	}
	parts, err := raw.WithOptions(c.decode).Elements()
	if err != nil || len(parts) != 5 {
		return false, fmt.Errorf("spawn: what came from the pool is no task: %w", errors.Join(err, errBootstrap))
	}
	result, err := taskResult(ctx, t, parts[2:], unready)
	if exc := managers.AsException(err); exc != nil && exc.Class == SystemExit.ExceptionClass() {
		return false, err
	}
	answer := pickle.Tuple{parts[0], parts[1], p.outcome(result, err)}
	return true, p.out.Put(ctx, answer)
}

// taskResult calls what the parts of a task say: function, args and kwargs.
func taskResult(ctx context.Context, t *tasks, parts []pickle.Raw, unready error) (any, error) {
	if unready != nil {
		return nil, unready
	}
	var fn any
	var args pickle.Tuple
	kwargs := &pickle.Dict{}
	for i, into := range []any{&fn, &args, &kwargs} {
		if err := parts[i].Unmarshal(into); err != nil {
			return nil, managers.ErrValueError.New("a task cannot be decoded: " + err.Error())
		}
	}
	return t.call(ctx, fn, args, kwargs)
}

// outcome is (True, value) or (False, exception), pickled.
func (p *poolJob) outcome(result any, err error) any {
	if err != nil {
		if raw, bad := pickle.NewRaw(pickle.Tuple{false, raised(err, p.rebuild)}, nil); bad == nil {
			return raw
		}
		return pickle.Tuple{false, unencodable(err, exceptionOf(err))}
	}
	raw, bad := pickle.NewRaw(pickle.Tuple{true, result}, nil)
	if bad != nil {
		return pickle.Tuple{false, unencodable(bad, result)}
	}
	return raw
}

// unencodable is the exception of a result that cannot be pickled.
//
// Source: MaybeEncodingError in Lib/multiprocessing/pool.py. Loading it, Python calls the class with the two texts, and
// then sets the attributes that it shows.
func unencodable(why error, value any) *pickle.Object {
	reason, shown := fmt.Sprintf("TypeError(%q)", why), fmt.Sprintf("a Go %T", value)
	return &pickle.Object{
		Kind: pickle.Reduce, Class: pickle.Global{Module: "multiprocessing.pool", Name: "MaybeEncodingError"},
		Args: pickle.Tuple{reason, shown}, HasState: true, State: pickle.NewDict("exc", reason, "value", shown),
	}
}
