package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mpbridge/managers"

	"github.com/spf13/pflag"
)

// leaseFlags are the flags that make queues lend their items: for all queues that are shared by name, or
// for one.
type leaseFlags struct {
	lease, deliveries []string
}

func (l *leaseFlags) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&l.lease, "lease", nil, "lend items for `[NAME=]DURATION`: "+
		"without task_done by then, or when the client is gone, they come back; repeatable")
	f.StringArrayVar(&l.deliveries, "max-deliveries", nil,
		"move an item to NAME.dead after `[NAME=]N` leases; repeatable")
}

// check refuses what no queue could use, and names that are no queue's.
func (l *leaseFlags) check(names []string) error {
	for _, values := range [][]string{l.lease, l.deliveries} {
		for _, v := range values {
			name, _, named := strings.Cut(v, "=")
			if named && !slices.Contains(names, name) {
				return &usageError{fmt.Errorf("%q: there is no queue of this name", v)}
			}
		}
	}
	return nil
}

// apply sets the leases of a queue that is shared under the name.
func (l *leaseFlags) apply(o *managers.QueueOptions, name string) error {
	if text, ok := valueFor(l.lease, name); ok {
		d, err := time.ParseDuration(text)
		if err != nil {
			return &usageError{fmt.Errorf("--lease %q: want [NAME=]DURATION, as in 30s", text)}
		}
		o.Lease = d
	}
	if text, ok := valueFor(l.deliveries, name); ok {
		n, err := strconv.Atoi(text)
		if err != nil {
			return &usageError{fmt.Errorf("--max-deliveries %q: want [NAME=]N", text)}
		}
		o.MaxDeliveries = n
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
