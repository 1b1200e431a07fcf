// Package managers has the words that both sides of Python's multiprocessing.managers say: tokens, exceptions, errors,
// and what a server tells about its objects. What you use first is in the rooms below it:
//
//   - package server serves queues, dicts, locks and Go values to stock Python;
//   - package client calls the objects of a manager, Python's or ours;
//   - package queue has the queues themselves, with or without a server;
//   - package pools lets clients of a server use pools of stock Python workers.
//
// An error of a call is an exception where Python raised one:
//
//	_, err := q.TryGet(ctx)
//	if errors.Is(err, managers.ErrEmpty) { // queue.Empty
//		return nil
//	}
//
// and a method of a Go value raises one by returning it: managers.ErrKeyError.New("orders").
//
// # The conversation
//
// A connection is authenticated (package connection), then carries pickled tuples, one reply to each
// request. The first request says what the connection is for (Lib/multiprocessing/managers.py,
// Server._handle_request and serve_client):
//
//	request   (ident, method, args, kwds)
//	reply     (kind, payload)
//
//	first method       then
//	accept_connection  any number of calls on idents, until the client closes
//	any other          one reply, and the server closes
//
//	kind             payload
//	#RETURN          the result
//	#ERROR           an exception instance, raised by the method
//	#PROXY           (exposed methods, Token) of an object that the method made
//	#TRACEBACK       text: the request itself failed
//	#UNSERIALIZABLE  text: the result could not be pickled
package managers
