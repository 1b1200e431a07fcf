package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mpbridge/managers/queue"

	"github.com/spf13/pflag"
)

// queueFlags are the flags that say how queues hold and lend their items: all queues that are shared by
// name, or one.
type queueFlags struct {
	lease, deliveries, bytes []string
}

func (q *queueFlags) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&q.lease, "lease", nil, "lend items for `[NAME=]DURATION`: "+
		"without task_done by then, or when the client is gone, they come back; repeatable")
	f.StringArrayVar(&q.bytes, "max-bytes", nil,
		fmt.Sprintf("let put wait while a queue holds `[NAME=]SIZE` of items: "+
			"each its pickle and %d bytes; repeatable", queue.ItemOverhead))
	f.StringArrayVar(&q.deliveries, "max-deliveries", nil,
		"move an item to NAME.dead after `[NAME=]N` leases; repeatable")
}

// check refuses what no queue could use, and names that are no queue's.
func (q *queueFlags) check(names []string) error {
	for flag, values := range map[string][]string{"lease": q.lease, "max-deliveries": q.deliveries, "max-bytes": q.bytes} {
		for _, v := range values {
			name, _, named := strings.Cut(v, "=")
			if named && !slices.Contains(names, name) {
				return usagef("--%s %q: there is no queue of this name", flag, v)
			}
		}
	}
	return nil
}

// apply sets what the flags say of a queue that is shared under the name.
func (q *queueFlags) apply(o *queue.Options, name string) error {
	if text, ok := valueFor(q.lease, name); ok {
		d, err := time.ParseDuration(text)
		if err != nil || d < queue.MinLease {
			return usagef("--lease %q: want [NAME=]DURATION, as in 30s, of %v or more", text, queue.MinLease)
		}
		o.Lease = d
	}
	if text, ok := valueFor(q.deliveries, name); ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return usagef("--max-deliveries %q: want [NAME=]N, 1 or more", text)
		}
		if o.Lease == 0 {
			return usagef("--max-deliveries needs --lease")
		}
		o.MaxDeliveries = n
	}
	if text, ok := valueFor(q.bytes, name); ok {
		if err := (*byteSize)(&o.MaxBytes).Set(text); err != nil || o.MaxBytes < 1 {
			return usagef("--max-bytes %q: want [NAME=]SIZE, as in 64MiB", text)
		}
	}
	return nil
}

// valueFor finds the value that is given for a name, else the one that is given for all.
func valueFor(values []string, name string) (value string, ok bool) {
	for _, v := range values {
		of, text, named := strings.Cut(v, "=")
		switch {
		case named && of == name:
			return text, true
		case !named:
			value, ok = v, true
		}
	}
	return value, ok
}
