package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/client"

	"github.com/spf13/cobra"
)

// clientFlags are what every command that uses a manager has.
type clientFlags struct {
	key     keySource
	timeout waitTime
	connect time.Duration
	form    serializer
}

// defaultWait is how long a command waits, in the absence of --timeout.
const defaultWait = waitTime(10 * time.Second)

// flags adds the flags; what says what the timeout is for.
func (f *clientFlags) flags(cmd *cobra.Command, what string) {
	f.key.flags(cmd)
	f.form.flag(cmd.Flags())
	f.timeout = defaultWait
	cmd.Flags().Var(&f.timeout, "timeout", what)
	cmd.Flags().DurationVar(&f.connect, "connect-timeout", 10*time.Second, "how long the server may take to greet")
}

// with connects to a manager and calls use, until a signal or the end of the timeout.
func (f *clientFlags) with(ctx context.Context, address string,
	use func(ctx context.Context, c *client.Client) error) error {
	if f.timeout == 0 {
		return &usageError{errors.New("--timeout 0: a call takes time; there is forever")}
	}
	return f.session(ctx, address, func(ctx context.Context, c *client.Client) error {
		ctx, cancel := f.timeout.limit(ctx)
		defer cancel()
		err := use(ctx, c)
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
			return &connectError{fmt.Errorf("no answer within %v: %w", &f.timeout, err),
				"--timeout is how long it may take"}
		}
		return err
	})
}

// session connects to a manager and calls use, until a signal.
func (f *clientFlags) session(ctx context.Context, address string,
	use func(ctx context.Context, c *client.Client) error) error {
	addr, err := managerAddress(address)
	if err != nil {
		return err
	}
	key, err := f.key.forClient(addr)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	c, err := dialManager(ctx, addr, f.connect, &client.Options{
		Authkey: key, Serializer: managers.Serializer(f.form),
	})
	if err != nil {
		return err
	}
	defer c.Close()
	return asConnectError(use(ctx, c))
}

// managerAddress reads the address of a manager, to which commands speak in the clear.
func managerAddress(text string) (connection.Address, error) {
	if strings.HasPrefix(text, tlsScheme) {
		return connection.Address{}, &hintError{usagef("address %q: commands speak no TLS", text),
			"mpbridge tunnel --listen ADDRESS --to " + text + " does; name its ADDRESS here"}
	}
	addr, err := connection.ParseAddress(text)
	if err != nil {
		return addr, &usageError{err}
	}
	return addr, nil
}

// connectError is a manager that cannot be reached, or that does not answer.
type connectError struct {
	err  error
	hint string
}

func (e *connectError) Error() string { return e.err.Error() }
func (e *connectError) Unwrap() error { return e.err }

// dialManager connects to a manager that greets within the given time.
func dialManager(ctx context.Context, addr connection.Address, within time.Duration,
	o *client.Options) (*client.Client, error) {
	own, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	c, err := client.Dial(own, addr.String(), o)
	remote := (*managers.RemoteError)(nil)
	switch {
	case err == nil:
		return c, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case own.Err() != nil:
		return nil, &connectError{fmt.Errorf("%s does not answer: %w", addr, err),
			"something listens there, but says nothing of a manager; --connect-timeout is how long it may take"}
	case errors.Is(err, connection.ErrAuth), errors.As(err, &remote):
		return nil, err
	}
	return nil, &connectError{err, "is a manager running there? mpbridge serve starts one"}
}

// asConnectError makes a connection that broke an error of its own.
func asConnectError(err error) error {
	var out *outputError
	var stopped *signalError
	var in *inputError
	var usage *usageError
	switch {
	case err == nil, errors.As(err, &out), errors.As(err, &stopped), errors.As(err, &in), errors.As(err, &usage),
		!connection.IsDisconnect(err):
		return err
	}
	return &connectError{err, "the server has gone away"}
}
