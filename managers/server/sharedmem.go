package server

import (
	"mpbridge/managers/internal/wire"
	"mpbridge/pickle"
)

// segmentArg returns the one argument of track_segment and release_segment.
func (s *session) segmentArg() (string, error) {
	if err := s.call.Bind(segmentName); err != nil {
		return "", err
	}
	return wire.Text(s.call.Value(0))
}

var segmentName = &Signature{Name: "Server.segment", Params: []string{"segment_name"}, Required: 1}

func (s *session) trackSegment() (any, error) {
	name, err := s.segmentArg()
	if err != nil {
		return nil, err
	}
	return nil, s.server.segments.track(name)
}

func (s *session) releaseSegment() (any, error) {
	name, err := s.segmentArg()
	if err != nil {
		return nil, err
	}
	return nil, s.server.segments.release(name)
}

func (s *session) listSegments() (any, error) {
	return listOf(wire.NativeTexts(s.server.segments.list(), s.dialect)), nil
}

func listOf(t pickle.Tuple) *pickle.List { return &pickle.List{Items: t} }
