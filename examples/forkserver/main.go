// A Go program whose Python workers are forked from one process that has imported their modules.
package main

import (
	"context"
	"fmt"
	"log"

	"mpbridge/pool"
)

func main() {
	ctx := context.Background()
	p, err := pool.New(ctx, &pool.Options{
		Path:        []string{"examples"},
		StartMethod: pool.Forkserver,
		Preload:     []string{"pi"},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Terminate()
	sum, err := pool.Call[float64](ctx, p, "pi:part", 0, 1_000_000)
	fmt.Println(sum, err)
}
