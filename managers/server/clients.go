package server

import (
	"cmp"
	"errors"
	"log/slog"
	"slices"
	"time"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/pickle"
)

// Clients lists the connections that are being served, oldest first.
func (s *Server) Clients() []managers.ClientInfo {
	var out []managers.ClientInfo
	for _, sess := range s.open() {
		sess.mu.Lock()
		out = append(out, managers.ClientInfo{
			Number: int64(sess.id), Name: sess.name, Peer: sess.conn.RemoteAddr().String(),
			Seconds: time.Since(sess.since).Seconds(), Waiting: sess.parked,
			Key: sess.rights.key,
		})
		sess.mu.Unlock()
	}
	slices.SortFunc(out, func(a, b managers.ClientInfo) int { return cmp.Compare(a.Number, b.Number) })
	return out
}

// Kill ends a client's connection, as if the client had died. It returns false where there is no client
// of that number.
func (s *Server) Kill(number int64) bool { return s.kill(number, s.log) }

// kill is Kill by whom log speaks of.
func (s *Server) kill(number int64, log *slog.Logger) bool {
	for _, sess := range s.open() {
		if sess.id != uint64(number) {
			continue
		}
		if errors.Is(sess.conn.Close(), connection.ErrClosed) {
			return false // it has ended, and is not off the list yet
		}
		log.Warn("client killed", "client", number, "peer", sess.conn.RemoteAddr())
		return true
	}
	return false
}

func (s *session) listClients() (any, error) {
	list := &pickle.List{}
	for _, c := range s.server.Clients() {
		if s.rights.confined() && c.Key != s.rights.key {
			continue
		}
		list.Items = append(list.Items, pickle.NewDict(
			"number", c.Number, "name", c.Name, "peer", c.Peer, "seconds", c.Seconds,
			"waiting", c.Waiting, "key", c.Key))
	}
	return list, nil
}

var sigKillClient = &Signature{Name: "kill_client", Params: []string{"number"}, Required: 1}

func (s *session) killClient() (any, error) {
	if err := s.call.Bind(sigKillClient); err != nil {
		return nil, err
	}
	v, err := s.call.open(s.call.Value(0))
	if err != nil {
		return nil, err
	}
	n, ok := values.Integer(v)
	if !ok {
		return nil, managers.ErrTypeError.New("an integer is required")
	}
	number, ok := n.(int64) // which an int of 32 bits may not hold
	return ok && s.server.kill(number, s.log()), nil
}
