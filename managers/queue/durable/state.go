package durable

import (
	"errors"

	"mpbridge/managers/queue"
)

// state is what a queue has beside its items.
type state struct {
	epoch string // marks receipts
	shut  bool
	order queue.Order
}

const (
	stateVersion = 1
	stateShut    = 1 // a flag
	stateOrder   = 6 // two bits
)

var errState = errors.New("its state is of another format")

// append writes version, flags and epoch.
func (s state) append(b []byte) []byte {
	flags := byte(0)
	if s.shut {
		flags |= stateShut
	}
	flags |= byte(s.order) << 1
	return append(append(b, stateVersion, flags), s.epoch...)
}

// parseState reads what append writes; nothing is the state of a queue that has none yet.
func parseState(b []byte) (s state, err error) {
	if len(b) == 0 {
		return s, nil
	}
	if len(b) < 2 || b[0] != stateVersion || b[1]&^(stateShut|stateOrder) != 0 {
		return s, errState
	}
	return state{epoch: string(b[2:]), shut: b[1]&stateShut != 0, order: queue.Order(b[1] & stateOrder >> 1)}, nil
}
