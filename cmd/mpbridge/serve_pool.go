package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"

	"mpbridge/managers/pools"
	"mpbridge/managers/server"
	"mpbridge/pool"

	"github.com/spf13/cobra"
)

// servePool are the flags of serve by which its operator allows SyncManager.Pool().
type servePool struct {
	poolFlags
	workers int
}

func (p *servePool) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.IntVar(&p.workers, "pool", 0, "let clients have pools of Python workers, so many workers in all")
	p.interpreterFlags(f)
	p.importFlags(cmd)
}

// add offers pools, if that is allowed. Without a key of its own the server has none for the workers,
// which then cannot use proxies.
func (p *servePool) add(ctx context.Context, s *server.Server, key []byte, ui *ui, log *slog.Logger) (end func(), err error) {
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
	if err := p.probe(ctx); err != nil {
		return nil, err
	}
	all, err := pools.Register(s, &pools.Options{Pool: p.opts, MaxWorkers: p.workers, Authkey: key})
	if err != nil {
		return nil, asUsage(err)
	}
	return all.Close, nil
}

// probe starts one worker, so that what cannot work is told now and not to the first client.
func (p *servePool) probe(ctx context.Context) error {
	o := p.opts
	o.Workers, o.StartAttempts = 1, 1
	one, err := pool.New(ctx, &o)
	if err != nil {
		return asUsage(p.interpreterError(err))
	}
	one.Terminate()
	return nil
}
