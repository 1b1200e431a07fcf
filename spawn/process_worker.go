package spawn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"mpbridge/managers"
	"mpbridge/pickle"
	"mpbridge/queues"
)

// processWorker is concurrent.futures.process._process_worker.
//
// Source: _process_worker in Lib/concurrent/futures/process.py.
//
//	target        _process_worker(call_queue, result_queue, initializer, initargs, max_tasks=None); 3.6: the first two
//	call_queue    _CallItem: work_id, fn, args, kwargs; or None: no more, which is answered with the worker's pid
//	result_queue  _ResultItem: work_id, exception, result, exit_pid
type processWorker struct{}

const futures = "concurrent.futures.process"

// executorJob is the arguments of a worker.
type executorJob struct {
	calls       *queues.Queue
	results     *queues.SimpleQueue
	initializer any
	initArgs    []any
	maxTasks    int64 // 0: any number
}

func newExecutorJob(args any) (*executorJob, error) {
	given, _ := args.(pickle.Tuple)
	all := make([]any, 5)
	copy(all, given)
	e := &executorJob{initializer: all[2]}
	var calls, results, ok bool
	e.calls, calls = all[0].(*queues.Queue)
	e.results, results = all[1].(*queues.SimpleQueue)
	e.initArgs, ok = sequence(all[3])
	e.maxTasks, _ = all[4].(int64)
	if !calls || !results || e.initializer != nil && !ok || len(given) > len(all) {
		return nil, bootstrapError("the arguments of the executor's worker are not those that Python gives it")
	}
	return e, nil
}

func (processWorker) do(ctx context.Context, c *child, j *job) error {
	e, err := newExecutorJob(j.args)
	if err != nil {
		return err
	}
	t := &tasks{c.known, c.self}
	if e.initializer != nil {
		if _, err := t.call(ctx, e.initializer, e.initArgs, nil); err != nil {
			complain(c.stderr, c.self.Name, fmt.Errorf("the initializer: %w", err))
			return nil // and the executor is broken, as in Python
		}
	}
	for n := int64(1); ; n++ {
		last := e.maxTasks > 0 && n >= e.maxTasks
		more, err := e.serve(ctx, t, last)
		switch {
		case ctx.Err() != nil || errors.Is(err, io.EOF):
			return nil // the parent is gone
		case err != nil:
			return err
		case last || !more:
			return nil
		}
	}
}

// serve does one task. more is false where there are no more.
func (e *executorJob) serve(ctx context.Context, t *tasks, last bool) (more bool, err error) {
	raw, err := e.calls.Get(ctx)
	if err != nil {
		return false, err
	}
	if raw.IsNone() {
		return false, e.results.Put(ctx, int64(os.Getpid()))
	}
	v, err := raw.Any()
	call, ok := v.(*pickle.Object)
	if err != nil || !ok || call.Attrs() == nil {
		return false, fmt.Errorf("spawn: what came from the executor is no call: %w", errors.Join(err, errBootstrap))
	}
	id := get(call.Attrs(), "work_id")
	result, err := callResult(ctx, t, call.Attrs())
	return true, e.results.Put(ctx, resultItem(id, result, err, last))
}

func callResult(ctx context.Context, t *tasks, call *pickle.Dict) (any, error) {
	args, isSequence := sequence(get(call, "args")) // a list in 3.7 and 3.8
	kwargs, isDict := get(call, "kwargs").(*pickle.Dict)
	if !isSequence || !isDict {
		return nil, managers.ErrTypeError.New("the arguments of a call are no sequence and dict")
	}
	return t.call(ctx, get(call, "fn"), args, kwargs)
}

var rebuildFuturesExc = pickle.Global{Module: futures, Name: "_rebuild_exc"}

// resultItem is the answer to a call, pickled.
func resultItem(id, result any, err error, last bool) any {
	var pid any
	if last {
		pid = int64(os.Getpid())
	}
	item := func(result, exception any) *pickle.Object {
		return &pickle.Object{
			Kind: pickle.NewObj, Class: pickle.Global{Module: futures, Name: "_ResultItem"}, Args: pickle.Tuple{}, HasState: true,
			State: pickle.NewDict("work_id", id, "exception", exception, "result", result, "exit_pid", pid),
		}
	}
	answer := item(result, nil)
	if err != nil {
		answer = item(nil, raised(err, rebuildFuturesExc))
	}
	raw, bad := pickle.NewRaw(answer, nil)
	if bad != nil {
		bad = fmt.Errorf("the result cannot be pickled: %w", bad)
		return item(nil, raised(managers.ErrTypeError.New(bad.Error()), rebuildFuturesExc))
	}
	return raw
}
