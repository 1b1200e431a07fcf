// Package sharedmem shares memory with Python's processes as the standard library does: segments with a name
// (multiprocessing.shared_memory.SharedMemory).
//
//	segment, err := sharedmem.Create("", 1<<20, nil)     // SharedMemory(create=True, size=1 << 20)
//	segment, err = sharedmem.Attach("psm_1a2b3c4d", nil) // SharedMemory('psm_1a2b3c4d')
//
// It works on Linux, where segments are files in /dev/shm. Elsewhere its functions fail with ErrUnsupported.
//
// # Who deletes a segment
//
// A segment stays until somebody unlinks it. In Go that is who calls Unlink, and nobody else. A Python process tells a
// helper, the resource tracker, of each segment that it creates, and up to Python 3.12 and by default later, of each
// that it attaches; the tracker unlinks all of them, and complains, when the last process that shares it has ended:
//
//	a Python that was started by itself                 3.8 to 3.12   3.13 and later
//	attaches, and ends                                  deleted       deleted
//	attaches with track=False, and ends                 TypeError     kept
//	attaches, unregisters the name, and ends            kept          kept
//
// where unregistering is
//
//	resource_tracker.unregister('/' + shm.name, 'shared_memory')
//
// # What others can do
//
// Whoever may open a segment may read and change each byte at any time, and cut the file. Cut memory is no error that
// a program can handle: the system ends who touches it. Here, SharedMemory's methods return ErrTruncated; a View is bare.
package sharedmem
