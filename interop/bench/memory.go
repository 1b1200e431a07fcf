package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// status reads a number of /proc/PID/status: kB, or a count.
func (s *server) status(field string) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			n, _ := strconv.Atoi(strings.Fields(rest)[0])
			return n
		}
	}
	return 0
}

// peak measures the most memory that a fresh server takes for one 64 MB item after the other.
func (b *bench) peak(ctx context.Context) error {
	cpython, err := b.startCPython(ctx, "tcp")
	if err != nil {
		return err
	}
	ours, err := b.startOurs(ctx, "tcp")
	if err != nil {
		return err
	}
	for _, s := range []*server{cpython, ours} {
		if _, err := b.client(ctx, s.address, "putget", "5", "67108864"); err != nil {
			return err
		}
	}
	c, o := cpython.status("VmHWM")/1024, ours.status("VmHWM")/1024
	fmt.Printf("%-32s %-12s %9d MB %9d MB %8.2fx %12s %8s\n", "memory of 64 MB items, peak", "tcp",
		c, o, float64(c)/float64(o), "", "80 MB")
	return nil
}

// blocked measures what clients that wait in get() cost, and how long waking them all takes.
func (b *bench) blocked(ctx context.Context, count int) error {
	var memory, wake [2]float64
	var threads [2]int
	ours := func(ctx context.Context, network string) (*server, error) { return b.startOurs(ctx, network) }
	for i, start := range []func(context.Context, string) (*server, error){b.startCPython, ours} {
		s, err := start(ctx, "unix")
		if err != nil {
			return err
		}
		if _, err := b.client(ctx, s.address, "putget", "50", "100"); err != nil {
			return err
		}
		before := s.status("VmRSS")
		woken, err := b.wait(ctx, s.address, count, 0, func() {
			memory[i] = float64(s.status("VmRSS")-before) / float64(count)
			threads[i] = s.status("Threads")
		}, func() {})
		if err != nil {
			return err
		}
		wake[i] = woken
	}
	fmt.Printf("%-32s %-12s %9.1f kB %9.1f kB %8.2fx %12s %8s\n", "blocked client, memory each", "unix",
		memory[0], memory[1], memory[0]/memory[1], "", "12 kB")
	fmt.Printf("%-32s %-12s %12d %12d\n", "blocked clients, threads", "unix", threads[0], threads[1])
	fmt.Printf("%-32s %-12s %12s %12s %8.2fx\n", fmt.Sprintf("waking %d blocked clients", count), "unix",
		duration(wake[0]), duration(wake[1]), wake[0]/wake[1])
	return nil
}

// settle is how long a server has to itself before it is measured.
const settle = 3 * time.Second

// wait opens connections of which some die, calls look while they wait and again when those have died,
// and wakes the others.
func (b *bench) wait(ctx context.Context, address string, count, dying int, look, again func()) (
	float64, error) {
	cmd := exec.CommandContext(ctx, b.python, filepath.Join(b.dir, "client.py"), address, "blocked",
		strconv.Itoa(count), strconv.Itoa(dying))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return 0, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	lines := bufio.NewReader(out)
	for _, f := range []func(){look, again} {
		if _, err := lines.ReadString('\n'); err != nil {
			return 0, fmt.Errorf("the blocked clients: %w", err)
		}
		time.Sleep(settle)
		f()
		if _, err := in.Write([]byte("\n")); err != nil {
			return 0, err
		}
	}
	line, err := lines.ReadString('\n')
	if err != nil {
		return 0, err
	}
	sec, err := strconv.ParseFloat(strings.TrimSpace(line), 64)
	if err != nil {
		return 0, err
	}
	return sec, cmd.Wait()
}

// many measures our server alone with so many blocked clients, and again when half of them have died:
// CPython's would need as many threads.
func (b *bench) many(ctx context.Context, count int) error {
	most, err := maxDescriptors()
	if err != nil {
		return err
	}
	if most < uint64(count+100) {
		fmt.Printf("%d blocked clients: SKIPPED, the hard limit of descriptors is %d\n", count, most)
		return nil
	}
	for _, dying := range []int{0, count / 2} {
		s, err := b.startOurs(ctx, "unix")
		if err != nil {
			return err
		}
		if _, err := b.client(ctx, s.address, "putget", "50", "100"); err != nil {
			return err
		}
		before := s.status("VmRSS")
		var all, left int
		wake, err := b.wait(ctx, s.address, count, dying,
			func() { all = s.status("VmRSS") - before }, func() { left = s.status("VmRSS") - before })
		if err != nil {
			return err
		}
		fmt.Printf("%-38s %12d %9.1f kB each, woken in %s\n", "blocked clients", count-dying,
			float64(all)/float64(count), duration(wake))
		if dying > 0 {
			fmt.Printf("%-38s %12d %9d kB before, %d kB after\n", "  of which died", dying, all, left)
		}
	}
	return nil
}
