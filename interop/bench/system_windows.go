package main

import (
	"math"
	"syscall"
	"time"
)

// processorTime is what this process has used.
func processorTime() time.Duration {
	self, err := syscall.GetCurrentProcess()
	if err != nil {
		return 0
	}
	var created, ended, kernel, user syscall.Filetime
	_ = syscall.GetProcessTimes(self, &created, &ended, &kernel, &user)
	return span(kernel) + span(user)
}

// span is a length of time in the form of a moment: units of 100 ns.
func span(f syscall.Filetime) time.Duration {
	return time.Duration(int64(f.HighDateTime)<<32+int64(f.LowDateTime)) * 100
}

// maxDescriptors is how many sockets a process may have: nobody counts them here.
func maxDescriptors() (uint64, error) { return math.MaxUint64, nil }
