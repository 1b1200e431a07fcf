// Package sysv speaks to the System V objects of Linux: message queues (msgget), semaphores (semget) and shared memory
// (shmget), between processes that agree on a number. Python has them through sysv_ipc, or through ctypes.
//
// Begin with a key, which both sides make of a file that both know:
//
//	key, err := sysv.Ftok("/srv/jobs", 'q') // Python: sysv_ipc.ftok('/srv/jobs', ord('q'))
//	q, err := sysv.CreateMessageQueue(key, nil)
//	defer q.Remove()
//	err = q.Send(ctx, 1, []byte("a job"))
//	message, kind, err := q.Receive(ctx, 0)
//
// New programs find more in package mqueue, which waits without a thread, and in package sharedmem. What only System V
// has: semaphores that the kernel releases when their holder dies (Semaphores.Undo), and messages that are chosen by
// their kind.
//
// # Waiting
//
// A call that waits holds a thread, because the system offers nothing to poll. The context bounds it: when it is over a
// signal, SIGURG, of which Go's runtime makes nothing, ends the system call. What the call had done by then counts: a
// message that was taken is returned. Programs that receive SIGURG from os/signal see those signals too; in programs
// that ignore it a call looks again every few milliseconds instead of waiting.
//
// # Life
//
// Objects outlive all processes. Remove takes one away by its id, which no later object has, so that it never is
// somebody else's. What waits then ends with ErrRemoved, on every side.
//
// # Systems
//
// Linux on amd64 and arm64; elsewhere everything returns ErrNotSupported.
package sysv
