package reduction

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"mpbridge/connection"
)

// MaxFds is how many descriptors fit in one message: the system's own limit (SCM_MAX_FD of Linux).
const MaxFds = 253

// SendHandle sends a descriptor of h to the peer, which calls recv_handle; send_handle in
// Lib/multiprocessing/reduction.py. h is an *os.File, a connection or listener of package net or a
// *connection.Conn that has not read ahead and on which nobody receives; it stays open and belongs
// to the caller, but becomes blocking.
//
// conn must be a unix socket. The message stands between two frames, so both sides must agree on
// when it comes. To PeerAcks, conn must have no read buffer, no other goroutine may receive on it
// meanwhile, and an error of waiting for the acknowledgement leaves it unable to receive.
func SendHandle(ctx context.Context, conn *connection.Conn, h syscall.Conn, o *Options) error {
	return SendFds(ctx, conn, []syscall.Conn{h}, o)
}

// SendFds is SendHandle for 1 to MaxFds descriptors in one message; sendfds in reduction.py.
func SendFds(ctx context.Context, conn *connection.Conn, hs []syscall.Conn, o *Options) error {
	o, err := o.check()
	switch {
	case err != nil:
		return err
	case len(hs) == 0:
		return errors.New("reduction: want at least one descriptor to send")
	case len(hs) > MaxFds:
		return fmt.Errorf("%w: %d in one message, the limit is %d", ErrTooMany, len(hs), MaxFds)
	case len(hs) > 1 && o.Peer == PeerPython2:
		return fmt.Errorf("%w: Python 2 receives one per message", ErrTooMany)
	}
	fds, err := duplicates(hs)
	if err != nil {
		return err
	}
	defer closeAll(fds)
	send := func(socket syscall.RawConn) (bool, error) { return false, sendRights(socket, fds) }
	switch o.Peer {
	case PeerAcks:
		return sendAcknowledged(ctx, conn, send, o)
	case PeerUnknown:
		// Before the descriptors leave: the answer may be quick.
		if err := conn.Transport().ExpectAck(); err != nil {
			return err
		}
		if err = conn.Transport().WithRawWrite(ctx, send); err != nil {
			conn.Transport().TakeAck()
		}
		return err
	}
	return conn.Transport().WithRawWrite(ctx, send)
}

// sendAcknowledged sends and waits for 'A'. Nobody else may receive from before the one to after
// the other.
func sendAcknowledged(
	ctx context.Context, conn *connection.Conn, send connection.RawFunc, o *Options,
) error {
	ctx, cancel := context.WithTimeoutCause(ctx, o.AckTimeout, ErrNoAck)
	defer cancel()
	return conn.Transport().WithRawRead(ctx, func(socket syscall.RawConn) (midFrame bool, err error) {
		if err := conn.Transport().WithRawWrite(ctx, send); err != nil {
			return false, err
		}
		b, err := readByte(socket)
		switch {
		case err != nil:
			return true, errors.Join(ErrNoAck, err)
		case b != ack:
			return true, ErrNoAck
		}
		return false, nil
	})
}

// RecvHandle receives the descriptor that the peer sends with send_handle; recv_handle in
// reduction.py. The file is closed when this process starts another. io.EOF means that the peer
// closed the connection instead.
//
// conn must be a unix socket without a read buffer (see connection.Transport.SetReadBuffer). Where the
// sender waits for an acknowledgement it gets one.
func RecvHandle(ctx context.Context, conn *connection.Conn, o *Options) (*os.File, error) {
	files, err := recvFds(ctx, conn, 1, 1, o)
	if err != nil {
		return nil, err
	}
	return files[0], nil
}

// RecvFds is RecvHandle for one message of up to limit descriptors; recvfds in reduction.py. More
// are closed and an error.
func RecvFds(
	ctx context.Context, conn *connection.Conn, limit int, o *Options,
) ([]*os.File, error) {
	return recvFds(ctx, conn, 0, limit, o)
}

func recvFds(
	ctx context.Context, conn *connection.Conn, least, most int, o *Options,
) ([]*os.File, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	peer, err := o.sender(conn)
	if err != nil {
		return nil, err
	}
	var fds []int
	err = conn.Transport().WithRawRead(ctx, func(socket syscall.RawConn) (midFrame bool, err error) {
		fds, midFrame, err = receiveFds(conn, socket, expectation{least, most, peer == PeerPython2})
		return midFrame, err
	})
	if err != nil {
		return nil, err
	}
	if peer == PeerAcks {
		if err := acknowledge(ctx, conn); err != nil {
			closeAll(fds)
			return nil, err
		}
	}
	return files(fds), nil
}

// receiveFds receives one message, but for acknowledgements of what was sent the other way.
func receiveFds(
	conn *connection.Conn, socket syscall.RawConn, want expectation,
) (fds []int, torn bool, err error) {
	for {
		m, err := recvRights(socket)
		if err != nil {
			return nil, m.came, err
		}
		if m.payload == ack && len(m.fds) == 0 && conn.Transport().TakeAck() {
			continue
		}
		if err := want.check(m); err != nil {
			closeAll(m.fds)
			return nil, true, err
		}
		return m.fds, false, nil
	}
}

// acknowledge sends 'A'. A peer that is gone needs none.
func acknowledge(ctx context.Context, conn *connection.Conn) error {
	err := conn.Transport().WithRawWrite(ctx, func(socket syscall.RawConn) (bool, error) {
		return false, writeByte(socket, ack)
	})
	if connection.IsReset(err) {
		return nil
	}
	return err
}
