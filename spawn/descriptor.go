package spawn

import "mpbridge/pickle"

// inheritedFd reads the _DupFd of Lib/multiprocessing/popen_spawn_posix.py: the number of an inherited descriptor.
func inheritedFd(v any) (int, bool) {
	o, ok := v.(*pickle.Object)
	if !ok || !o.IsA("multiprocessing.popen_spawn_posix", "_DupFd") {
		return 0, false
	}
	fd := intOf(get(o.Attrs(), "fd"))
	return fd, fd > 2
}
