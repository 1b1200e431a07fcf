package server

import (
	"math"
	"strings"

	"mpbridge/managers"
	"mpbridge/managers/internal/wire"
	"mpbridge/managers/internal/xmlrpc"
	"mpbridge/pickle"
)

// writeXML writes the reply (kind, v) in XML.
func (s *session) writeXML(kind string, v any) error {
	w := s.acquire()
	if exc, ok := v.(*managers.Exception); ok && kind == wire.KindError {
		kind, v = wire.KindTraceback, wire.TracebackOf(exc.Error())
	}
	if text, ok := v.(string); ok && kind != wire.KindReturn {
		v = strings.Map(wire.XmlRune, text)
	}
	most := int(min(s.server.limits.MaxMessage, math.MaxInt))
	out, err := xmlrpc.AppendWithin(w.out[:0], pickle.Tuple{kind, v}, most, s.replyMeter(kind))
	if err != nil {
		return s.unserializable(err)
	}
	w.out = out
	return s.sendReply(kind, [][]byte{out})
}
