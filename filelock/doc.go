// Package filelock locks files so that Python's fcntl.flock and fcntl.lockf, and the package filelock, are excluded, and
// exclude. The kernel frees a lock when its holder dies, however it does: no other lock that stock Python has does that.
//
// Begin with New, if the lock is a file of its own:
//
//	lock := filelock.New("/run/jobs.lock", nil) // Python: filelock.FileLock('/run/jobs.lock')
//	err := lock.Acquire(ctx)
//	defer lock.Release()
//
// To lock a file that is open anyway, take the function of the same name as Python's:
//
//	err := filelock.Flock(ctx, f, filelock.Exclusive)                // fcntl.flock(f, fcntl.LOCK_EX)
//	err := filelock.Lockf(ctx, f, filelock.Exclusive, filelock.All)  // fcntl.lockf(f, fcntl.LOCK_EX)
//
// # Which excludes which
//
//	held by the one                        Flock     Lockf     PosixLock
//	fcntl.flock, filelock.FileLock         excluded  -         -
//	fcntl.lockf, fcntl.fcntl(F_SETLK)      -         excluded  excluded
//
// Flock and Lockf do not see each other. Both sides have to agree on one.
//
// # Who holds a lock, and how long
//
// Flock and Lockf (an open file description lock) belong to the open file: to all descriptors of it, in this process and in
// children that inherited one, and are free when the last of them is closed. Go's own files are closed when a program
// starts, so children hold none. Two *os.File that were opened one by one exclude each other, in one program too.
//
// PosixLock is what Python's lockf takes. It belongs to the process: it excludes no other *os.File of this program, and is
// lost as soon as any descriptor of that file is closed, by whatever library. Take Lockf instead; this is for programs
// that need exactly that.
//
// # Waiting
//
// The system's own waits cannot be ended by a context, so a call looks again and again, first soon and then every ten
// milliseconds. It holds no thread. Who waits in the kernel, as Python does, can be faster than who looks: with many of
// them a lock may go past Go for a while.
package filelock
