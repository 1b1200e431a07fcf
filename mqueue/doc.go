// Package mqueue speaks to the POSIX message queues of Linux, those that mq_open opens: whole messages with
// priorities, kept by the kernel, between processes that need not know each other. Python has them through
// posix_ipc, or through ctypes.
//
// Begin with Create and Open:
//
//	q, err := mqueue.Create("/jobs", &mqueue.CreateOptions{MaxMessages: 10, MaxMessageSize: 1024})
//	defer mqueue.Unlink("/jobs")
//	defer q.Close()
//	err = q.Send(ctx, []byte("first"), 0)
//	err = q.Send(ctx, []byte("urgent"), 9)
//	message, priority, err := q.Receive(ctx) // "urgent", 9
//
// The other side, in Python:
//
//	q = posix_ipc.MessageQueue('/jobs')      message, priority = q.receive()
//
// A message is there whole or not at all, whoever dies. Those of higher priority come first, and those of one
// priority in the order in which they were sent. A queue outlives all processes, until it is unlinked or the
// machine restarts.
//
// # Waiting
//
// A call that waits holds a goroutine and no thread: the queue's descriptor is non-blocking, its own and no
// child's, and stands in the runtime's poller. The context bounds the wait. Close ends it with ErrClosed.
//
// # Limits
//
// The kernel's, which CAP_SYS_RESOURCE lifts, are in /proc/sys/fs/mqueue: 10 messages of 8192 bytes, 256 queues. All
// queues of a user may have RLIMIT_MSGQUEUE bytes, 819200. What is beyond one of them is a *LimitError that says which.
//
// # Names
//
// A name is a slash and up to 255 bytes without one, as mq_open wants it. Names are those of the IPC namespace: a
// container has its own.
package mqueue
