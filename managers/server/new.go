package server

import (
	"context"

	"mpbridge/internal/peerlog"
	"mpbridge/managers/internal/wire"
	"mpbridge/managers/queue"
	"mpbridge/pickle"
)

// New makes a server. It fails where the options are not usable.
func New(o *Options) (*Server, error) {
	s := &Server{
		functions: public, objectOf: asObject,
		sessions: make(map[*session]struct{}), hosts: make(map[string]int),
		perKey: make(map[string]int), declining: make(map[*session]struct{}),
		families: make(map[string]members), stop: make(chan struct{}), livenessInterval: defaultLivenessInterval,
		shortFrames: wire.ShortFrames, iteratorKeys: maxIteratorKeys,
	}
	if o != nil {
		s.opts = *o
	}
	err := s.openKeyring()
	if err != nil {
		return nil, err
	}
	if s.limits, err = s.opts.Limits.check(); err != nil {
		return nil, err
	}
	s.log = peerlog.Careful(s.opts.Logger)
	s.peers = peerlog.New(s.log, peerlog.Usual)
	s.shares = s.limits.shares(descriptors())
	s.decode = s.limits.decoding()
	if s.opts.Naive != nil {
		if s.decode == nil {
			s.decode = new(pickle.DecodeOptions)
		}
		s.decode.Naive = s.opts.Naive
	}
	s.objects = newObjects(s.limits, s.peers.Logger("objects"))
	s.room = queue.NewRoom(s.limits.MaxItems, s.limits.MaxItemBytes, s.peers.Logger("queues"))
	s.allowance = s.limits.allowance()
	s.spinning.init(s.opts.BusyPoll)
	s.lifetime, s.end = context.WithCancel(context.Background())
	return s, nil
}
