// Package pipeend reads and writes ends of pipes and of stream sockets that other processes hold as well, such as a
// child inherits, and waits for them in Go's poller.
//
// Whether reads block belongs to the open file description, which a descriptor that was inherited shares with the
// process that it came from: O_NONBLOCK, which Go's poller wants, would make a read of stock Python there fail. So
// nothing here ever changes it:
//
//	end                              reads and writes                    waits
//	pipe, FIFO                       description of its own,             that description in the poller
//	                                 by /proc/self/fd, does not block
//	pipe that cannot be opened anew  poll(2) first, PIPE_BUF at a time   an epoll instance in the poller
//	stream socket                    MSG_DONTWAIT                        the same
//
// It is for Linux. Elsewhere everything fails with errors.ErrUnsupported.
package pipeend
