package connection

import (
	"context"
	"fmt"
	"io"
	"strings"

	"mpbridge/pickle"
)

// EncodeOptions says how values become bytes.
type EncodeOptions = pickle.EncodeOptions

// DecodeOptions says how bytes become values.
type DecodeOptions = pickle.DecodeOptions

// OptionError says that an option has a value out of its range; Dial, Listen and what else makes a Conn
// fail with it.
type OptionError = pickle.OptionError

// Send pickles v and sends it as one message, as SendBytes does; Connection.send in CPython. An error
// of pickling sends nothing and leaves the Conn as it was.
func (c *Conn) Send(ctx context.Context, v any) error {
	bufs, err := c.opts.Encode.Buffers(v)
	if err != nil {
		return fmt.Errorf("connection: send: %w", err)
	}
	return c.SendBuffers(ctx, bufs)
}

// Recv receives a message, as RecvBytes does, and unpickles it into v as pickle.Unmarshal does;
// Connection.recv in CPython, where an empty message raises EOFError too. An error of unpickling
// leaves the Conn usable, for the message was read whole.
func (c *Conn) Recv(ctx context.Context, v any) error {
	p, err := c.RecvBytes(ctx)
	if err != nil {
		return err
	}
	if len(p) == 0 {
		return io.EOF
	}
	c.noteProtocol(p)
	if err := c.opts.Decode.Unmarshal(p, v); err != nil {
		if strings.HasPrefix(string(p[:min(len(p), len(tagChallenge))]), tagChallenge) {
			return &AuthError{Step: stepAnswer, Reason: "peer asks for an authkey and none was given"}
		}
		return fmt.Errorf("connection: receive: %w", err)
	}
	return nil
}

// Pickled returns the form that addresses have inside pickles: a tuple (host, port), a path, or
// bytes that begin with NUL for an abstract socket. With nativeBytes, which means a reader whose
// native strings are bytes, all texts are byte strings: such a reader cannot use others.
func (a Address) Pickled(nativeBytes bool) any {
	text := func(s string) any {
		if nativeBytes {
			return pickle.ByteString(s)
		}
		return s
	}
	switch {
	case a.Network == TCP && strings.ContainsRune(a.Name, ':'):
		return pickle.Tuple{text(a.Name), int64(a.Port), int64(0), int64(0)}
	case a.Network == TCP:
		return pickle.Tuple{text(a.Name), int64(a.Port)}
	case a.abstract() && nativeBytes:
		return pickle.ByteString("\x00" + a.Name[1:])
	case a.abstract():
		return []byte("\x00" + a.Name[1:])
	}
	return text(a.Name)
}

// AddressOf returns the address whose pickled form decodes to v.
func AddressOf(v any) (Address, error) {
	if t, ok := v.(pickle.Tuple); ok {
		return tupleAddress(t)
	}
	name, ok := textOf(v)
	switch {
	case !ok:
		return Address{}, fmt.Errorf("connection: address: want a tuple or a path, got %T", v)
	case strings.HasPrefix(name, `\\`):
		return Address{}, fmt.Errorf("%w: named pipes", ErrNotSupported)
	case strings.HasPrefix(name, "\x00"):
		return unixAddress("@" + name[1:])
	case strings.HasPrefix(name, "@"):
		return Address{Network: Unix, Name: "./" + name}, nil // a file, not an abstract name
	}
	return unixAddress(name)
}

func tupleAddress(t pickle.Tuple) (Address, error) {
	if len(t) == 2 || len(t) == 4 {
		host, isText := textOf(t[0])
		port, isInt := t[1].(int64)
		if isText && isInt && port >= 0 && port <= 65535 {
			return Address{Network: TCP, Name: host, Port: int(port)}, nil
		}
	}
	return Address{}, fmt.Errorf("connection: address: want (host, port), got a tuple of %d", len(t))
}

func textOf(v any) (string, bool) {
	if b, ok := v.([]byte); ok {
		return string(b), true
	}
	return pickle.Text(v)
}
