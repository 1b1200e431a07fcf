package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// waitTime is a flag that says for how long to wait: 10s, 0 for not at all, forever.
type waitTime time.Duration

// forever is the time of a wait that has no end.
const forever = waitTime(math.MaxInt64)

// String is the duration as the flag takes it.
func (p *waitTime) String() string {
	if *p == forever {
		return "forever"
	}
	return time.Duration(*p).String()
}

// Set reads a duration; a number alone is seconds, as in Python.
func (p *waitTime) Set(text string) error {
	if text == "forever" {
		*p = forever
		return nil
	}
	d, err := time.ParseDuration(text)
	if sec, nerr := strconv.ParseFloat(text, 64); err != nil && nerr == nil {
		if sec > math.MaxInt64/1e9 || math.IsNaN(sec) {
			return errors.New("too long; there is forever")
		}
		d, err = time.Duration(sec*float64(time.Second)), nil
	}
	if err != nil {
		return errors.New("want a time as 10s, 1m30s or 0, or forever")
	}
	if d < 0 {
		return fmt.Errorf("%v is less than no time", d)
	}
	*p = waitTime(d)
	return nil
}

// Type names the kind of value in the help.
func (p *waitTime) Type() string { return "time" }

// limit returns a context that ends after the time, or with ctx.
func (p waitTime) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if p == forever {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Duration(p))
}
