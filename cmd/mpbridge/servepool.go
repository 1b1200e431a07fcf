package main

import (
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"

	"mpbridge/managers"
	"mpbridge/managers/pools"
	"mpbridge/pool"

	"github.com/spf13/pflag"
)

// servePool are the flags of serve by which its operator allows SyncManager.Pool().
type servePool struct {
	workers int
	opts    pool.Options
}

func (p *servePool) flags(f *pflag.FlagSet) {
	f.IntVar(&p.workers, "pool", 0, "let clients have pools of Python workers, so many workers in all")
	f.StringVar(&p.opts.Python, "python", "", "interpreter of these workers (default python3)")
	f.StringVar(&p.opts.Venv, "venv", "", "virtual environment of these workers")
	f.StringArrayVar(&p.opts.Path, "path", nil, "folder from which they import; repeatable")
	f.StringVar(&p.opts.Main, "main", "", "script whose functions are those of __main__ for them")
}

// add offers pools, if that is allowed. Without a key of its own the server has none for the workers,
// which then cannot use proxies.
func (p *servePool) add(s *managers.Server, key []byte, log *slog.Logger) (end func(), err error) {
	switch {
	case p.workers < 0:
		return nil, &usageError{errors.New("--pool is a number of workers")}
	case p.workers == 0:
		if p.opts.Python+p.opts.Venv+p.opts.Main != "" || len(p.opts.Path) > 0 {
			return nil, &usageError{errors.New("--python, --venv, --path and --main are for --pool")}
		}
		return func() {}, nil
	}
	p.opts.Logger = log
	p.opts.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, envAuthkey+"=")
	})
	all, err := pools.Add(s, pools.Options{Pool: p.opts, MaxWorkers: p.workers, Authkey: key})
	if err != nil {
		return nil, err
	}
	return all.Close, nil
}
