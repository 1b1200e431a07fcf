package reduction

import "time"

// Shared is a descriptor on offer. It is pickled, by itself or anywhere in a value, any number of
// times, but can be redeemed only once.
type Shared struct {
	sharer *Sharer
	key    int64
	form   any
	timer  *time.Timer // nil if it never expires; set before anybody else knows of it

	fd   int           // owned by who takes it out of the sharer
	err  error         // set before done is closed
	done chan struct{} // closed by tell
}

// MarshalPickle returns the form by which the value is found again; see the package comment.
func (h *Shared) MarshalPickle() (any, error) { return h.form, nil }

// Withdraw ends the offer, as if it had expired. After it was collected this does nothing.
func (h *Shared) Withdraw() { h.endIfOurs(ErrWithdrawn) }

// Done is closed when the offer is over: withdrawn, expired, the Sharer is closed, or collected by a peer that needs
// the Sharer no more. A program that ends then cuts nobody off.
func (h *Shared) Done() <-chan struct{} { return h.done }

// Err says how the offer ended: nil if the descriptor was sent to who asked for it, or before Done
// is closed; ErrExpired, ErrWithdrawn, ErrClosed, or what sending failed with.
func (h *Shared) Err() error {
	select {
	case <-h.done:
		return h.err
	default:
		return nil
	}
}

func (h *Shared) expire() {
	if h.endIfOurs(ErrExpired) {
		h.sharer.peers.Logger("offers").Info("a descriptor expired that nobody collected")
	}
}

// endIfOurs ends the offer unless somebody else is doing so.
func (h *Shared) endIfOurs(why error) bool {
	if h.sharer.take(h.key) == nil {
		return false
	}
	h.end(why)
	return true
}

// end closes the descriptor and says why. It is called once, by who took the offer out of the sharer.
func (h *Shared) end(why error) {
	h.release()
	h.tell(why)
}

// release closes the descriptor.
func (h *Shared) release() {
	if h.timer != nil {
		h.timer.Stop()
	}
	closeFd(h.fd)
}

// tell says that the offer is over, and why.
func (h *Shared) tell(why error) {
	h.err = why
	close(h.done)
}
