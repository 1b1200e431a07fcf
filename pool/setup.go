package pool

import (
	"path/filepath"

	"mpbridge/pickle"
)

// setup is what a process is told before its first task.
type setup struct {
	number   int
	greeting pickle.Tuple // (number, sys.path, main script, maxtasks)
	fn       any          // is called with args before the process is ready; nil for nothing
	args     pickle.Tuple
	name     string // of fn, for errors
}

// workerSetup is that of the worker with a number.
func (p *Pool) workerSetup(number int) (setup, error) {
	r := setup{number: number, name: "start", args: pickle.Tuple{}}
	if p.opts.Initializer != nil {
		fn, err := parseFunction(p.opts.Initializer)
		if err != nil {
			return r, err
		}
		r.fn, r.name, r.args = fn.value, fn.name, append(r.args, p.opts.InitArgs...)
	}
	path, main := &pickle.List{}, any(nil) // a fork server has them already
	var err error
	if p.servers == nil {
		if path, main, err = p.imports(); err != nil {
			return r, err
		}
	}
	var maxTasks any
	if p.opts.MaxTasksPerChild > 0 {
		maxTasks = int64(p.opts.MaxTasksPerChild)
	}
	r.greeting = pickle.Tuple{int64(number), path, main, maxTasks}
	return r, nil
}

// imports are sys.path and the main script; names of files are bytes.
func (p *Pool) imports() (path *pickle.List, main any, err error) {
	path = &pickle.List{}
	for _, dir := range p.opts.Path {
		dir, err := filepath.Abs(dir)
		if err != nil {
			return nil, nil, err
		}
		path.Items = append(path.Items, []byte(dir))
	}
	if p.opts.Main != "" {
		name, err := filepath.Abs(p.opts.Main)
		if err != nil {
			return nil, nil, err
		}
		main = []byte(name)
	}
	return path, main, nil
}

// preloadFunction is preload of worker.py.
var preloadFunction = pickle.Global{Module: "_mpbridge", Name: "preload"}

// serverSetup is that of a fork server, whose number is 0.
func (p *Pool) serverSetup() (setup, error) {
	r := setup{name: "start", args: pickle.Tuple{}}
	if len(p.opts.Preload) > 0 {
		names := &pickle.List{}
		for _, name := range p.opts.Preload {
			names.Items = append(names.Items, name)
		}
		r.fn, r.name, r.args = preloadFunction, "preload", pickle.Tuple{names}
	}
	path, main, err := p.imports()
	r.greeting = pickle.Tuple{int64(0), path, main, nil}
	return r, err
}
