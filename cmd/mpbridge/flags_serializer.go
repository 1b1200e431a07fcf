package main

import (
	"fmt"

	"mpbridge/managers"

	"github.com/spf13/pflag"
)

// serializer is the value of the flag --serializer.
type serializer managers.Serializer

func (s *serializer) flag(f *pflag.FlagSet) {
	*s = serializer(managers.Pickle)
	f.Var(s, "serializer", "how messages are laid out: pickle or xmlrpclib, as the manager has it")
}

func (s *serializer) String() string { return string(*s) }

func (*serializer) Type() string { return "name" }

// Set is called with what was given on the command line.
func (s *serializer) Set(name string) error {
	switch managers.Serializer(name) {
	case managers.Pickle, managers.XMLRPC:
		*s = serializer(name)
		return nil
	}
	return fmt.Errorf("want %s or %s", managers.Pickle, managers.XMLRPC)
}
