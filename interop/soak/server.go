package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"mpbridge/managers/queue"
	"mpbridge/managers/server"
)

var key = []byte("soak")

// state is what a server tells about itself.
type state struct {
	Requests    uint64
	Heap, RSS   int64 // bytes, after a collection
	Goroutines  int
	Descriptors int
	Items       int64
}

// serve is the process under load: it prints its port, and its state for each line of input.
func serve() error {
	s, err := server.New(&server.Options{Authkey: key})
	if err != nil {
		return err
	}
	if err := share(s); err != nil {
		return err
	}
	at, err := s.Listen("127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(at.Port)
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = s.Serve(ctx)
	}()
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		if err := json.NewEncoder(os.Stdout).Encode(measure(s)); err != nil {
			break
		}
	}
	cancel()
	<-over
	return s.Close()
}

func share(s *server.Server) error {
	_, err := s.RegisterQueue("the_queue", nil)
	_, err2 := s.RegisterQueue("the_jobs", &queue.Options{Lease: time.Hour})
	return errors.Join(err, err2, s.RegisterSyncManager(), s.RegisterShared("the_dict", "dict"),
		s.RegisterShared("the_lock", "Lock"), s.RegisterShared("the_count", "Value", "i", 0))
}

// measure collects garbage first: what is left is held by something.
func measure(s *server.Server) state {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	st := s.Stats()
	entries, _ := os.ReadDir("/proc/self/fd")
	return state{Requests: st.Requests, Heap: int64(m.HeapAlloc), RSS: resident(),
		Goroutines: runtime.NumGoroutine(), Descriptors: len(entries), Items: st.Items}
}

// resident is the memory that the system gives this process, in bytes.
func resident() int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		var kb int64
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &kb); n == 1 {
			return kb << 10
		}
	}
	return 0
}
