package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"mpbridge/managers"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/spf13/pflag"
)

// sharedFlag is a flag of serve that offers an object under a name, shared by all clients.
type sharedFlag struct {
	name, form, help string
	add              func(s *sharing, name, argument string) error
}

// sharing is a server that gets its shared objects, and how its queues hold and lend.
type sharing struct {
	*server.Server
	flags  *queueFlags
	queues []string // the names of those there are
}

// queue adds a queue.
func (s *sharing) queue(name string, o queue.Options) error {
	if err := s.flags.apply(&o, name); err != nil {
		return err
	}
	s.queues = append(s.queues, name)
	_, err := s.AddQueue(name, o)
	return err
}

// family adds a name that takes an argument.
func (s *sharing) family(name string) error {
	var o queue.Options
	if err := s.flags.apply(&o, name); err != nil {
		return err
	}
	s.queues = append(s.queues, name)
	return s.AddQueueFamily(name, o)
}

// sharedFlags are in the order of the manual: Lib/multiprocessing/managers.py, class SyncManager.
var sharedFlags = []sharedFlag{
	queueFlag("queue", "a queue", queue.FIFO),
	queueFlag("joinable", "a queue with task_done and join", queue.FIFO),
	queueFlag("lifo", "a last in, first out queue", queue.LIFO),
	queueFlag("priority", "a queue that gives the smallest item first", queue.Priority),
	valueFlag("dict", "dict", "NAME[=JSON]", "a dict"),
	valueFlag("list", "list", "NAME[=JSON]", "a list"),
	valueFlag("set", "set", "NAME[=JSON]", "a set"),
	{"namespace", "NAME[=JSON]", "a namespace", addNamespace},
	{"value", "NAME[=JSON]", "a value that get and set read and write", addValue},
	{"array", "NAME=TYPECODE:JSON", "an array, as in counts=i:[0,0]", addArray},
	valueFlag("event", "Event", "NAME", "an event"),
	valueFlag("lock", "Lock", "NAME", "a lock"),
	valueFlag("rlock", "RLock", "NAME", "a lock that its holder can take again"),
	valueFlag("semaphore", "Semaphore", "NAME[=COUNT]", "a semaphore"),
	valueFlag("bounded-semaphore", "BoundedSemaphore", "NAME[=COUNT]",
		"a semaphore that is never released too often"),
	valueFlag("condition", "Condition", "NAME", "a condition variable with a lock of its own"),
	valueFlag("barrier", "Barrier", "NAME=PARTIES", "a barrier"),
}

// sharedValues are the values of sharedFlags, as given.
type sharedValues [][]string

func (v *sharedValues) flags(f *pflag.FlagSet) {
	*v = make(sharedValues, len(sharedFlags))
	for i, flag := range sharedFlags {
		help := fmt.Sprintf("offer %s under `%s`; repeatable", flag.help, flag.form)
		f.StringArrayVar(&(*v)[i], flag.name, nil, help)
	}
}

// add offers what the flags name.
func (v sharedValues) add(s *sharing) error {
	for i, flag := range sharedFlags {
		for _, text := range v[i] {
			name, argument, given := strings.Cut(text, "=")
			if name == "" || given && argument == "" {
				return &usageError{fmt.Errorf("--%s %q: want %s", flag.name, text, flag.form)}
			}
			err := flag.add(s, name, argument)
			if usage := (*usageError)(nil); errors.As(err, &usage) && strings.HasPrefix(err.Error(), "--") {
				return err // of another flag
			}
			if err != nil {
				return &usageError{fmt.Errorf("--%s %q: %w", flag.name, text, err)}
			}
		}
	}
	return nil
}

func queueFlag(flag, help string, order queue.Order) sharedFlag {
	add := func(s *sharing, name, argument string) error {
		o := queue.Options{Order: order}
		if argument != "" {
			size, err := strconv.Atoi(argument)
			if err != nil || size < 0 {
				return errors.New("MAXSIZE is no whole number from 0 on")
			}
			o.MaxSize = size
		}
		return s.queue(name, o)
	}
	return sharedFlag{flag, "NAME[=MAXSIZE]", help, add}
}

// valueFlag offers an object of a type whose only argument is the one of the flag.
func valueFlag(flag, typeid, form, help string) sharedFlag {
	add := func(s *sharing, name, argument string) error {
		if argument == "" && !strings.Contains(form, "[") && strings.Contains(form, "=") {
			return errors.New("want " + form)
		}
		if argument == "" {
			return s.AddShared(name, typeid)
		}
		v, err := fromJSON([]byte(argument))
		if err != nil {
			return err
		}
		return s.AddShared(name, typeid, v)
	}
	return sharedFlag{flag, form, help, add}
}

func addNamespace(s *sharing, name, argument string) error {
	attributes := managers.Kwargs{}
	if argument != "" {
		v, err := fromJSON([]byte(argument))
		if err != nil {
			return err
		}
		d, ok := v.(*pickle.Dict)
		if !ok {
			return errors.New("want an object of JSON")
		}
		for k, v := range d.All() {
			attribute, _ := pickle.Text(k)
			attributes[attribute] = v
		}
	}
	return s.AddShared(name, "Namespace", attributes)
}

// addValue makes a Value without a type code: the standard library ignores it.
func addValue(s *sharing, name, argument string) error {
	var v any = int64(0)
	if argument != "" {
		var err error
		if v, err = fromJSON([]byte(argument)); err != nil {
			return err
		}
	}
	return s.AddShared(name, "Value", nil, v)
}

func addArray(s *sharing, name, argument string) error {
	code, items, ok := strings.Cut(argument, ":")
	if !ok {
		return errors.New("want NAME=TYPECODE:JSON")
	}
	v, err := fromJSON([]byte(items))
	if err != nil {
		return err
	}
	return s.AddShared(name, "Array", code, v)
}
