package pool_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"slices"
	"time"

	"mpbridge/pool"
)

func ExampleNew() {
	ctx := context.Background()
	p, err := pool.New(ctx, &pool.Options{
		Venv:        "/srv/app/venv",
		Path:        []string{"/srv/app"},
		Workers:     8,
		Initializer: "app.tasks:connect", InitArgs: []any{"db.example"},
		MaxTasksPerChild: 1000,
		TaskTimeout:      time.Minute,
		Logger:           slog.Default(),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Terminate()
	report, err := pool.Call[map[string]float64](ctx, p, "app.tasks:report", "2024",
		pool.Kwargs{"detail": true})
	fmt.Println(report, err)
	p.Close()
	fmt.Println(p.Join(ctx))
}

func ExampleCall_errors() {
	ctx := context.Background()
	p, err := pool.New(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer p.Terminate()
	_, err = pool.Call[float64](ctx, p, "math:sqrt", -1)
	var remote *pool.RemoteError
	var dead *pool.WorkerError
	switch {
	case errors.As(err, &remote) && remote.IsA("builtins", "ValueError"):
		fmt.Println(remote.Args, remote.Traceback)
	case errors.As(err, &dead):
		fmt.Println(dead.Exit, dead.Stderr)
	}
}

func ExampleIMap() {
	ctx := context.Background()
	p, err := pool.New(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer p.Terminate()
	words := slices.Values([]string{"b", "a", "c"})
	for text, err := range pool.IMap[string](ctx, p, "builtins:repr", words, nil) {
		fmt.Println(text, err)
	}
}

func ExamplePool_Go() {
	ctx := context.Background()
	p, err := pool.New(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer p.Terminate()
	r := p.Go(ctx, "time:sleep", 0.1)
	select {
	case <-r.Done():
		fmt.Println(r.Wait(ctx))
	case <-time.After(time.Second):
		r.Cancel()
	}
}
