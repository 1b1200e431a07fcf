package pipeend

// Guarded is InheritCopy of a pipe that cannot be opened anew.
func Guarded(fd int) (*End, error) { return watchedCopy(fd, guarded) }
