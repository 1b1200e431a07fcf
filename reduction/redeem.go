package reduction

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"syscall"
	"time"

	"mpbridge/connection"
	"mpbridge/internal/option"
	"mpbridge/pickle"
)

// DefaultMaxHandles is how many descriptors one call of Rebuild redeems.
const DefaultMaxHandles = 256

// RebuildOptions of Rebuild and its kin.
type RebuildOptions struct {
	// Authkey is the authkey of the processes that offer: current_process().authkey of whoever
	// pickled the value last. It should not be a manager's key, see the package comment. That is the process which put it into a queue or, where the queue
	// is in a manager of CPython, for sockets and Connections, the manager's process.
	Authkey []byte

	// KeyFor, if not nil, gives the key for each address instead of Authkey. An error ends Rebuild.
	KeyFor func(connection.Address) ([]byte, error)

	// Users are the users whose processes may offer, besides this process's own user and root. Offers at sockets
	// of others are ErrUntrusted: see the package comment.
	Users []uint32

	// Trust, if not nil, decides instead of Users: it is asked about the process that listens at an offer's
	// address, before the key is used, and its error is that of an ErrUntrusted.
	Trust func(at connection.Address, peer connection.PeerCredentials) error

	// Timeout bounds the redemption of each descriptor; 0 means DefaultTimeout.
	Timeout time.Duration

	// MaxHandles is how many descriptors one call redeems; 0 means DefaultMaxHandles.
	MaxHandles int

	// Conn are the options of each *connection.Conn that is made; nil means defaults.
	Conn *connection.Options
}

func (o *RebuildOptions) keyFor(at connection.Address) ([]byte, error) {
	var key []byte
	var err error
	switch {
	case o == nil:
	case o.KeyFor != nil:
		key, err = o.KeyFor(at)
	default:
		key = o.Authkey
	}
	if len(key) == 0 && err == nil {
		err = errors.New("reduction: no authkey of the offering process was given")
	}
	return key, err
}

// check returns o with defaults in place of zeros, or a *connection.OptionError.
func (o *RebuildOptions) check() (*RebuildOptions, error) {
	var c RebuildOptions
	if o != nil {
		c = *o
	}
	c.Timeout = cmp.Or(c.Timeout, DefaultTimeout)
	c.MaxHandles = cmp.Or(c.MaxHandles, DefaultMaxHandles)
	return &c, option.Check("reduction",
		option.Time("Timeout", c.Timeout, 1),
		option.Int("MaxHandles", c.MaxHandles, 1, math.MaxInt32))
}

// redeem fetches the descriptor of an offer.
func (o *RebuildOptions) redeem(ctx context.Context, from offer) (fd int, err error) {
	if !canPass {
		return -1, ErrUnsupported
	}
	key, err := o.keyFor(from.at)
	if err != nil {
		return -1, err
	}
	request, err := (&pickle.EncodeOptions{Protocol: 2}).Marshal(
		pickle.Tuple{from.key, os.Getpid()})
	if err != nil {
		return -1, err
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	c, err := connection.Dial(ctx, from.at.String(), &connection.DialOptions{
		Authkey: key, HandshakeTimeout: o.Timeout, FirstMessage: [][]byte{request},
		CheckPeer: func(c *connection.Conn) error { return o.checkPeer(from.at, c) },
	})
	switch {
	case errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOENT):
		return -1, fmt.Errorf("%w: its process has ended: %w", ErrGone, err)
	case err != nil:
		return -1, err
	}
	defer c.Close()
	return fetch(ctx, c)
}

// fetch does steps 3 and 4 of the package comment.
func fetch(ctx context.Context, c *connection.Conn) (fd int, err error) {
	err = c.Transport().WithRawRead(ctx, func(socket syscall.RawConn) (bool, error) {
		// The number is not looked at: a Python 2 may be the one who offers.
		fds, midFrame, err := receiveFds(c, socket, expectation{1, 1, true})
		if err == nil {
			fd = fds[0]
		}
		return midFrame, err
	})
	if errors.Is(err, io.EOF) || connection.IsReset(err) {
		return -1, ErrGone
	}
	if err != nil {
		return -1, err
	}
	// Who does not wait for it has left already.
	_ = c.Transport().WithRawWrite(ctx, func(socket syscall.RawConn) (bool, error) {
		return false, writeByte(socket, ack)
	})
	return fd, nil
}

// build makes of a descriptor what was offered. It takes the descriptor over.
func (o *RebuildOptions) build(k kind, fd int) (io.Closer, error) {
	switch k {
	case aSocket:
		return netSocket(fd)
	case aConnection:
		return connection.FileConn(newFile(fd), o.Conn)
	}
	return newFile(fd), nil
}
