package pool

import (
	"fmt"
	"math"
	"path/filepath"

	"mpbridge/connection"
	"mpbridge/pickle"
)

// newTask pickles the message (job, index, fn, args, kwds).
func (p *Pool) newTask(j *job, index, items int, fn any, args pickle.Tuple, kw Kwargs) (*task, error) {
	kwargs := pickle.NewDict()
	if len(kw) > 0 {
		raw, err := pickle.NewRaw(map[string]any(kw), p.encode)
		if err != nil {
			return nil, fmt.Errorf("pool: %s: %w", j.fn.name, err)
		}
		return p.pickled(j, index, items, pickle.Tuple{j.id, int64(index), fn, args, raw})
	}
	return p.pickled(j, index, items, pickle.Tuple{j.id, int64(index), fn, args, kwargs})
}

func (p *Pool) pickled(j *job, index, items int, message pickle.Tuple) (*task, error) {
	body, err := p.encode.Buffers(message)
	if err != nil {
		return nil, fmt.Errorf("pool: %s: %w", j.fn.name, err)
	}
	t := &task{job: j, index: index, items: items, body: body}
	for _, part := range body {
		t.size += len(part)
	}
	if t.size > math.MaxInt32 && !p.long {
		return nil, &connection.LimitError{What: "task", Limit: math.MaxInt32, Got: int64(t.size)}
	}
	return t, nil
}

// setup pickles (worker's number, path, main, maxtasks); names of files are bytes.
func (p *Pool) setup(number int, o *pickle.EncodeOptions) ([]byte, error) {
	path := &pickle.List{}
	for _, dir := range p.opts.Path {
		dir, err := filepath.Abs(dir)
		if err != nil {
			return nil, err
		}
		path.Items = append(path.Items, []byte(dir))
	}
	var main, maxTasks any
	if p.opts.Main != "" {
		name, err := filepath.Abs(p.opts.Main)
		if err != nil {
			return nil, err
		}
		main = []byte(name)
	}
	if p.opts.MaxTasksPerChild > 0 {
		maxTasks = int64(p.opts.MaxTasksPerChild)
	}
	return o.Marshal(pickle.Tuple{int64(number), path, main, maxTasks})
}

// initializer pickles (function or None, arguments).
func (p *Pool) initializer(o *pickle.EncodeOptions) ([][]byte, error) {
	args := pickle.Tuple(p.opts.InitArgs)
	if args == nil {
		args = pickle.Tuple{}
	}
	if p.opts.Initializer == nil {
		return o.Buffers(pickle.Tuple{nil, pickle.Tuple{}})
	}
	fn, err := parseFunction(p.opts.Initializer)
	if err != nil {
		return nil, err
	}
	return o.Buffers(pickle.Tuple{fn.value, args})
}

// startName is what a start-up that fails is called.
func (p *Pool) startName() string {
	if p.opts.Initializer == nil {
		return "start"
	}
	fn, _ := parseFunction(p.opts.Initializer)
	return fn.name
}
