package server

import (
	"mpbridge/internal/guard"
)

// What a session runs is code of the program that embeds the server: methods, constructors, String,
// Error, MarshalPickle. Where that panics, or ends its goroutine, the call ends and nothing else. No
// lock of ours is held while it runs.

// How calls end whose method failed.
var (
	errPanic = guard.ErrPanic
	errExit  = guard.ErrExit
)

// requestOutcome is what became of a request.
type requestOutcome struct {
	more bool  // the connection goes on
	err  error // why it does not, unless the client is done

	unfinished bool // the request is being answered
	replying   bool // the reply is being written, or was
}

// serve serves the connection until it ends. Code that ends its goroutine by runtime.Goexit cannot be
// brought back, so another goroutine goes on.
func (s *session) serve() {
	over := false
	defer func() {
		if over {
			s.server.removeSession(s)
		} else {
			go s.serve()
		}
	}()
	s.run()
	over = true
}

// answer reads one request and answers it.
func (s *session) answer() {
	defer s.rescue()
	s.outcome = requestOutcome{unfinished: true}
	more, err := s.serveOne()
	s.outcome = requestOutcome{more: more, err: err}
}

// rescue ends every request. It answers in place of code that failed.
func (s *session) rescue() {
	p := recover()
	if s.outcome.unfinished {
		s.outcome.more, s.outcome.err = s.failed(p)
		s.outcome.unfinished = false
	}
	s.observeEnd()
	s.release()
	s.call.opens.close()
	s.call = Call{} // its arguments would keep the message alive while the client is idle
}

// failed tells the client that its call failed, and no more. p is what was recovered, nil where the
// goroutine ends.
func (s *session) failed(p any) (more bool, err error) {
	why := errPanic
	if p != nil {
		guard.Report(s.log(), s.call.Method, p)
	} else {
		why = errExit
		s.log().Error("a method ended its goroutine", "in", s.call.Method)
	}
	if s.outcome.replying { // part of a reply may have left
		return false, s.undeliverable(why)
	}
	err = guard.Run(s.log(), "the answer to a call that panicked", func() error {
		s.revoke()
		return s.sendTraceback(why)
	})
	return err == nil && s.serving, err
}

// recoverPanic is deferred by what runs an object's code. A panic is an error like any other.
func (s *session) recoverPanic(err *error) {
	if p := recover(); p != nil {
		guard.Report(s.log(), s.call.Method, p)
		*err = errPanic
	}
	if s.watch != nil {
		s.watch.stop()
		s.watch = nil
	}
}

// value copies an object that can be copied.
func (s *session) value(o Valuer) (v any, err error) {
	defer s.recoverPanic(&err)
	return o.Value(&s.call)
}
