package reduction

import (
	"os"
	"syscall"

	"mpbridge/connection"
)

// duplicateWhole is duplicate that refuses a Conn which holds bytes that the new owner would miss.
func duplicateWhole(h syscall.Conn) (int, error) {
	if c, ok := h.(*connection.Conn); ok && c.Transport().Buffered() > 0 {
		return -1, connection.ErrReadAhead
	}
	return duplicate(h)
}

// duplicates gives a descriptor of the open file of each, which becomes blocking. The caller closes
// them.
func duplicates(hs []syscall.Conn) (fds []int, err error) {
	for _, h := range hs {
		var fd int
		if fd, err = duplicateWhole(h); err != nil {
			break
		}
		fds = append(fds, fd)
	}
	for i := 0; i < len(fds) && err == nil; i++ {
		err = block(fds[i])
	}
	if err != nil {
		closeAll(fds)
		return nil, err
	}
	return fds, nil
}

func closeAll(fds []int) {
	for _, fd := range fds {
		closeFd(fd)
	}
}

// files hands the descriptors over to files.
func files(fds []int) []*os.File {
	out := make([]*os.File, len(fds))
	for i, fd := range fds {
		out[i] = newFile(fd)
	}
	return out
}
