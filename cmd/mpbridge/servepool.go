package main

import (
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"

	"mpbridge/managers"
	"mpbridge/managers/pools"

	"github.com/spf13/pflag"
)

// servePool are the flags of serve by which its operator allows SyncManager.Pool().
type servePool struct {
	poolFlags
	workers int
}

func (p *servePool) flags(f *pflag.FlagSet) {
	f.IntVar(&p.workers, "pool", 0, "let clients have pools of Python workers, so many workers in all")
	p.interpreterFlags(f)
	p.importFlags(f)
}

// add offers pools, if that is allowed. Without a key of its own the server has none for the workers,
// which then cannot use proxies.
func (p *servePool) add(s *managers.Server, key []byte, ui *ui, log *slog.Logger) (end func(), err error) {
	switch {
	case p.workers < 0:
		return nil, &usageError{errors.New("--pool is a number of workers")}
	case p.workers == 0:
		if o := p.opts; o.Python+o.Venv+o.Main+string(o.StartMethod) != "" || len(o.Path) > 0 {
			return nil, &usageError{errors.New(
				"--python, --venv, --path, --main, --start-method and --preload are for --pool")}
		}
		return func() {}, nil
	}
	p.opts.Logger = log
	p.show(ui.err)
	p.opts.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, envAuthkey+"=")
	})
	all, err := pools.Add(s, pools.Options{Pool: p.opts, MaxWorkers: p.workers, Authkey: key})
	if err != nil {
		return nil, asUsage(err)
	}
	return all.Close, nil
}
