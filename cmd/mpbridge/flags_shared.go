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
	_, err := s.RegisterQueue(name, &o)
	return err
}

// family adds a name that takes an argument.
func (s *sharing) family(name string) error {
	var o queue.Options
	if err := s.flags.apply(&o, name); err != nil {
		return err
	}
	s.queues = append(s.queues, name)
	return s.RegisterQueueFamily(name, &o)
}

// sharedFlags are those of the kinds that the server knows.
var sharedFlags = flagsOf(server.Kinds())

func flagsOf(kinds []server.Kind) (flags []sharedFlag) {
	for _, k := range kinds {
		if k.Flag.Name != "" {
			flags = append(flags, sharedFlag{k.Flag.Name, k.Flag.Form, k.Flag.Help, adding(k)})
		}
	}
	return flags
}

// adding returns what offers an object of a kind.
func adding(k server.Kind) func(s *sharing, name, argument string) error {
	switch k.Typeid {
	case "Queue", "JoinableQueue":
		return addQueue(queue.FIFO)
	case "LifoQueue":
		return addQueue(queue.LIFO)
	case "PriorityQueue":
		return addQueue(queue.Priority)
	case "Namespace":
		return addNamespace
	case "Value":
		return addValue
	case "Array":
		return addArray
	}
	return addObject(k.Typeid, k.Flag.Form)
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

func addQueue(order queue.Order) func(s *sharing, name, argument string) error {
	return func(s *sharing, name, argument string) error {
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
}

// addObject offers an object of a type whose only argument is the one of the flag.
func addObject(typeid, form string) func(s *sharing, name, argument string) error {
	return func(s *sharing, name, argument string) error {
		if argument == "" && !strings.Contains(form, "[") && strings.Contains(form, "=") {
			return errors.New("want " + form)
		}
		if argument == "" {
			return s.RegisterShared(name, typeid)
		}
		v, err := fromJSON([]byte(argument))
		if err != nil {
			return err
		}
		return s.RegisterShared(name, typeid, v)
	}
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
	return s.RegisterShared(name, "Namespace", attributes)
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
	return s.RegisterShared(name, "Value", nil, v)
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
	return s.RegisterShared(name, "Array", code, v)
}
