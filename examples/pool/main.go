// A Go program that has Python processes compute.
package main

import (
	"context"
	"fmt"
	"log"

	"mpbridge/pool"
)

func main() {
	ctx := context.Background()
	p, err := pool.New(ctx, &pool.Options{Workers: 4, Path: []string{"examples"}})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Terminate()
	answer, err := pool.Call[int](ctx, p, "math:factorial", 5)
	fmt.Println(answer, err)
	parts := [][]int{{0, 500_000}, {500_000, 500_000}, {1_000_000, 500_000}, {1_500_000, 500_000}}
	sums, err := pool.StarMap[float64](ctx, p, "pi:part", parts, nil)
	fmt.Println(sums, err)
}
