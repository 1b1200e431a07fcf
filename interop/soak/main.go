package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"mpbridge/connection"
	"mpbridge/interop"
)

// What the server may end with, beside what it had after the first fifth.
const (
	memoryFactor = 1.5
	memoryRoom   = 20 << 20 // bytes
	goroutines   = 4
	descriptors  = 4
)

// patience is how long connections may take to be gone when their clients are.
const patience = 20 * time.Second

func main() {
	asServer := flag.Bool("serve", false, "be the server")
	total := flag.Duration("time", time.Minute, "how long")
	clients := flag.Int("clients", 4, "Go clients at once")
	flag.Parse()
	var err error
	if *asServer {
		err = serve()
	} else {
		err = soak(*total, *clients)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// child is the server's process.
type child struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
	at  connection.Address
}

func startServer() (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.Command(self, "-serve")}
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewReader(out)
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	line, _ := c.out.ReadString('\n')
	port, err := strconv.Atoi(strings.TrimSpace(line))
	c.at = connection.Address{Network: connection.TCP, Name: "127.0.0.1", Port: port}
	return c, err
}

// state asks the server about itself.
func (c *child) state() (st state, err error) {
	if _, err = c.in.Write([]byte("\n")); err != nil {
		return st, err
	}
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		return st, err
	}
	return st, json.Unmarshal(line, &st)
}

func (c *child) stop() error {
	_ = c.in.Close()
	return c.cmd.Wait()
}

func soak(total time.Duration, clients int) error {
	dir, err := os.MkdirTemp("", "mpb")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	script := filepath.Join(dir, "client.py")
	if err := os.WriteFile(script, clientScript, 0o600); err != nil {
		return err
	}
	server, err := startServer()
	if err != nil {
		return err
	}
	pythons := interop.Find()
	fmt.Printf("soak: %v, %d Go clients, %d Pythons\n", total, clients, len(pythons))
	err = errors.Join(load(server, pythons, script, total, clients), server.stop())
	if err == nil {
		fmt.Println("soak: ok")
	}
	return err
}

// load runs the clients, measures, and judges.
func load(server *child, pythons map[interop.Version]interop.Python, script string,
	total time.Duration, clients int) error {
	start, err := server.state()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), total)
	defer cancel()
	var work sync.WaitGroup
	failed := make(chan error, clients+len(pythons))
	for range clients {
		work.Go(func() { failed <- goClient(ctx, server.at) })
	}
	for _, py := range pythons {
		work.Go(func() { failed <- pythonClient(ctx, py.Path, script, server.at, total) })
	}
	marks, err := watch(server, total/5)
	work.Wait()
	close(failed)
	for e := range failed {
		err = errors.Join(err, e)
	}
	if err != nil {
		return err
	}
	for i, m := range marks[1:] {
		fmt.Printf("soak: fifth %d: %7.0f requests/s, heap %5.1f MB, memory %5.1f MB\n", i+1,
			float64(m.Requests-marks[i].Requests)/(total.Seconds()/5), megabytes(m.Heap), megabytes(m.RSS))
	}
	return judge(server, start, marks[1])
}

// watch asks the server at the beginning and after each fifth of the time.
func watch(server *child, fifth time.Duration) (marks []state, err error) {
	tick := time.NewTicker(fifth)
	defer tick.Stop()
	for range 5 {
		st, err := server.state()
		if err != nil {
			return nil, err
		}
		marks = append(marks, st)
		<-tick.C
	}
	st, err := server.state()
	return append(marks, st), err
}

// judge compares what is left when the clients are gone with what there was.
func judge(server *child, start, early state) error {
	for end := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		st, err := server.state()
		if err != nil {
			return err
		}
		if st.Goroutines > start.Goroutines+goroutines || st.Descriptors > start.Descriptors+descriptors {
			if time.Now().Before(end) {
				continue
			}
			return fmt.Errorf("goroutines %d, were %d; descriptors %d, were %d",
				st.Goroutines, start.Goroutines, st.Descriptors, start.Descriptors)
		}
		fmt.Printf("soak: at the end: heap %.1f MB, memory %.1f MB, goroutines %d (were %d), "+
			"descriptors %d (were %d)\n", megabytes(st.Heap), megabytes(st.RSS), st.Goroutines,
			start.Goroutines, st.Descriptors, start.Descriptors)
		if float64(st.RSS) > memoryFactor*float64(early.RSS)+memoryRoom {
			return fmt.Errorf("memory %.1f MB, was %.1f MB after a fifth",
				megabytes(st.RSS), megabytes(early.RSS))
		}
		if st.Items != 0 {
			return fmt.Errorf("%d items are left in the queues", st.Items)
		}
		return nil
	}
}

func megabytes(n int64) float64 { return float64(n) / (1 << 20) }
