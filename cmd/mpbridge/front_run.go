package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"mpbridge/internal/peerlog"
	"mpbridge/managers/client"
	"mpbridge/reduction"
)

// putter is a queue, of a server here or elsewhere.
type putter interface {
	Put(ctx context.Context, v any) error
}

// front hands each connection that it accepts to a worker through a queue, or one of several.
type front struct {
	upstreams *upstreams
	sharer    *reduction.Sharer
	peers     *peerlog.Limiter // of the log
	refusal   string
	slots     chan struct{} // one for each connection that waits for a worker
	refusing  chan struct{} // one for each that is being told that it is refused
	wg        sync.WaitGroup
}

// The bounds of a front's dealings with one connection.
const (
	putTimeout    = 10 * time.Second
	refuseTimeout = time.Second // for a client to read that it is refused
	refuseDrain   = 64 << 10    // bytes of its request that are read meanwhile
	maxRefusing   = 256         // at once; beyond, connections are closed without a word
)

// newFront makes a front for up to backlog connections that wait.
func newFront(
	upstreams *upstreams, sharer *reduction.Sharer, log *slog.Logger, refusal string, backlog int,
) *front {
	return &front{
		upstreams: upstreams, sharer: sharer, peers: peerlog.New(log, peerlog.Usual), refusal: refusal,
		slots: make(chan struct{}, backlog), refusing: make(chan struct{}, maxRefusing),
	}
}

// serve accepts until the listener is closed. Connections that wait for a worker keep waiting.
func (f *front) serve(ctx context.Context, l net.Listener) {
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			f.wg.Go(func() { f.handle(ctx, c.(*net.TCPConn)) })
			continue
		case errors.Is(err, net.ErrClosed):
			return
		}
		f.peers.Logger("accept").Warn("accept failed", "error", err)
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// drain waits until workers have taken the connections that wait, and refuses those left when the grace time
// is over, or ctx.
func (f *front) drain(ctx context.Context, grace time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	defer f.peers.Close()
	done := make(chan struct{})
	go func() {
		f.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		_ = f.sharer.Close()
		<-done
	}
}

// handle hands one connection over, or refuses it.
func (f *front) handle(ctx context.Context, c *net.TCPConn) {
	defer c.Close()
	select {
	case f.slots <- struct{}{}:
		defer func() { <-f.slots }()
	default:
		f.refuse(c, "too many wait for a worker")
		return
	}
	if err := f.handOver(ctx, c); err != nil {
		f.refuse(c, err.Error())
	}
}

// handOver returns nil once a worker has the socket.
func (f *front) handOver(ctx context.Context, c *net.TCPConn) error {
	offer, err := f.sharer.Socket(c)
	if err != nil {
		return err
	}
	put, cancel := context.WithTimeout(context.WithoutCancel(ctx), putTimeout)
	defer cancel()
	upstream := f.upstreams.next()
	defer upstream.leave()
	if err := upstream.queue.Put(put, offer); err != nil {
		offer.Withdraw()
		<-offer.Done()
		if offer.Err() == nil {
			return nil // a worker was quicker than the queue's answer
		}
		return err
	}
	<-offer.Done()
	return offer.Err()
}

// refuse tells the client that it is refused, then reads what the client has sent: bytes left unread would turn
// the close into a reset, which overtakes the refusal.
func (f *front) refuse(c *net.TCPConn, why string) {
	select {
	case f.refusing <- struct{}{}:
		defer func() { <-f.refusing }()
	default:
		return
	}
	log := f.peers.Logger(peerlog.Host(c.RemoteAddr()))
	log.Warn("connection refused", "client", c.RemoteAddr().String(), "reason", why)
	unblock(c)
	_ = c.SetDeadline(time.Now().Add(refuseTimeout))
	if _, err := io.WriteString(c, f.refusal); err != nil || c.CloseWrite() != nil {
		return
	}
	_, _ = io.CopyN(io.Discard, c, refuseDrain)
}

// refreshedQueue is a manager's queue that is looked up again when a call of it has failed: the
// manager may have been replaced.
type refreshedQueue struct {
	client *client.Client
	name   objectName

	mu    sync.Mutex // queue; not held while calling
	queue *client.Queue
}

// Put puts a value. If that fails it looks the queue up again and tries once more.
func (q *refreshedQueue) Put(ctx context.Context, v any) error {
	queue, fresh, err := q.get(ctx)
	if err != nil {
		return err
	}
	err = queue.Put(ctx, v)
	if err == nil || ctx.Err() != nil {
		return err
	}
	q.forget(queue)
	if fresh {
		return err
	}
	if queue, _, err = q.get(ctx); err != nil {
		return err
	}
	return queue.Put(ctx, v)
}

func (q *refreshedQueue) get(
	ctx context.Context,
) (queue *client.Queue, fresh bool, err error) {
	q.mu.Lock()
	queue = q.queue
	q.mu.Unlock()
	if queue != nil {
		return queue, false, nil
	}
	queue, err = q.name.queue(ctx, q.client)
	if err == nil {
		q.mu.Lock()
		q.queue = queue
		q.mu.Unlock()
	}
	return queue, true, err
}

// check tells whether the manager offers the queue, and to this key.
func (q *refreshedQueue) check(ctx context.Context) error {
	queue, _, err := q.get(ctx)
	if err == nil && !isQueue(queue) {
		err = fmt.Errorf("%q is no queue", q.name.typeid)
	}
	return err
}

func (q *refreshedQueue) forget(queue *client.Queue) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.queue == queue {
		q.queue = nil
	}
}
