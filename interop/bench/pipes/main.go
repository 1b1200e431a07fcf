//go:build linux

// Command pipes compares package queues with multiprocessing's own queues and Pipe: how many items a second go one way
// between two processes, stock Python on both sides, or this program on one of them, or on both:
//
//	go run ./interop/bench/pipes [-quick] [-python python3.12]
//
// The queues are the same in all cases, made here. Rounds alternate, and the median counts. Once both processes have one
// processor, once each has its own: which wakes which costs more than what they do. Below the rates is the processor time
// that an item takes, of who puts and of who gets, which says more where the machine has other work.
package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mpbridge/interop"
	"mpbridge/interop/bench/placement"
	"mpbridge/pickle"
	"mpbridge/queues"
)

//go:embed queues.py
var script string

const (
	rounds = 5
	limit  = 10 * time.Minute
)

func main() {
	quick := flag.Bool("quick", false, "fewer items")
	python := flag.String("python", "", "the interpreter; else the newest that is found")
	peer := flag.String("peer", "", "the other side of a queue, which this program starts itself as")
	only := flag.String("only", "", "the mechanisms whose names begin so")
	size := flag.Int("size", 0, "items of that many bytes alone")
	flag.Parse()
	onlyName, onlySize = *only, *size
	var err error
	if *peer != "" {
		err = serve(*peer, os.Stdin, os.Stdout)
	} else {
		err = run(*quick, *python)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// newest is the newest Python that is found.
func newest() string {
	var best interop.Python
	for v, py := range interop.Find() {
		if v.Compare(best.Profile.Version) > 0 {
			best = py
		}
	}
	return best.Path
}

var (
	onlyName string
	onlySize int
)

// mechanisms are what is measured, in this order.
var mechanisms = []string{"SimpleQueue", "Queue", "Pipe()", "Pipe(False)"}

// objects are one of each.
type objects struct {
	taken, given []any // the ends of those who get, and of those who put
	close        func()
}

func newObjects() (*objects, error) {
	simple, err := queues.NewSimpleQueue(nil)
	if err != nil {
		return nil, err
	}
	queue, err := queues.NewQueue(0, nil)
	if err != nil {
		return nil, err
	}
	a, b, err := queues.Pipe(true, nil)
	if err != nil {
		return nil, err
	}
	r, w, err := queues.Pipe(false, nil)
	if err != nil {
		return nil, err
	}
	return &objects{[]any{simple, queue, a, r}, []any{simple, queue, b, w}, func() {
		for _, c := range []io.Closer{simple, queue, a, b, r, w} {
			_ = c.Close()
		}
	}}, nil
}

// side is a process at one side.
type side struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// start starts a Python, or this program where python is empty, on a processor.
func start(python string, cpu int, ends []any) (*side, error) {
	var files []*os.File
	p := queues.Pickler{Duplicate: func(f *os.File) (int, error) {
		files = append(files, f)
		return len(files) + 2, nil
	}}
	list := &pickle.List{}
	for _, x := range ends {
		o, err := p.Object(x)
		if err != nil {
			return nil, err
		}
		list.Items = append(list.Items, o)
	}
	data, err := (&pickle.EncodeOptions{Protocol: 2}).Marshal(list)
	if err != nil {
		return nil, err
	}
	defer func() {
		for _, f := range files {
			_ = f.Close()
		}
	}()
	what := base64.StdEncoding.EncodeToString(data)
	cmd := exec.Command(python, "-c", script, what)
	if python == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		cmd = exec.Command(self, "-peer", what)
	}
	cmd.ExtraFiles, cmd.Stderr = files, os.Stderr
	return launched(cmd, cpu)
}

func launched(cmd *exec.Cmd, cpu int) (*side, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := placement.Start(cpu, cmd); err != nil {
		return nil, err
	}
	s := &side{cmd, in, bufio.NewScanner(out)}
	if !s.out.Scan() || s.out.Text() != "ready" {
		s.stop()
		return nil, fmt.Errorf("%s did not start", cmd.Path)
	}
	return s, nil
}

func (s *side) stop() {
	_ = s.in.Close()
	_ = s.cmd.Wait()
}

func (s *side) ask(what string, index, count, size int) error {
	_, err := fmt.Fprintln(s.in, what, index, count, size)
	return err
}

func (s *side) answer() (seconds float64, err error) {
	if !s.out.Scan() {
		return 0, fmt.Errorf("%s has ended", s.cmd.Path)
	}
	_, err = fmt.Sscan(s.out.Text(), &seconds)
	return seconds, err
}

// pairing is who puts and who gets.
type pairing struct {
	name     string
	put, get string // the interpreter, "" for this program
	from, to *side
	rates    []float64
	costs    [2][]float64 // nanoseconds an item, of from and to
}

// busy is the processor time that a process has taken, in nanoseconds.
func (s *side) busy() (total float64) {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", s.cmd.Process.Pid))
	for _, name := range threads {
		text, _ := os.ReadFile(name)
		var ns float64
		_, _ = fmt.Sscan(string(text), &ns)
		total += ns
	}
	return total
}

// rate is items a second from one side to the other.
func (p *pairing) rate(index, count, size int) (float64, error) {
	from, to := p.from.busy(), p.to.busy()
	defer func() {
		p.costs[0] = append(p.costs[0], (p.from.busy()-from)/float64(count))
		p.costs[1] = append(p.costs[1], (p.to.busy()-to)/float64(count))
	}()
	if err := p.to.ask("get", index, count, size); err != nil {
		return 0, err
	}
	if err := p.from.ask("put", index, count, size); err != nil {
		return 0, err
	}
	seconds, err := p.to.answer()
	if err != nil {
		return 0, err
	}
	if _, err := p.from.answer(); err != nil {
		return 0, err
	}
	return float64(count-1) / seconds, nil
}

func run(quick bool, python string) error {
	time.AfterFunc(limit, func() {
		fmt.Fprintln(os.Stderr, "error: it takes too long")
		os.Exit(1)
	})
	if python == "" {
		python = newest()
	}
	cpus, err := placement.Processors()
	if err != nil {
		return err
	}
	fmt.Println(python)
	if err := table(quick, python, "one processor", cpus[0], cpus[0]); err != nil {
		return err
	}
	if len(cpus) == 1 {
		return nil
	}
	return table(quick, python, "two processors", cpus[0], cpus[1])
}

func table(quick bool, python, where string, from, to int) error {
	pairings := []*pairing{
		{name: "stock", put: python, get: python},
		{name: "Python to Go", put: python},
		{name: "Go to Python", get: python},
		{name: "Go to Go"},
	}
	for _, p := range pairings {
		o, err := newObjects()
		if err != nil {
			return err
		}
		if p.from, err = start(p.put, from, o.given); err != nil {
			return err
		}
		defer p.from.stop()
		if p.to, err = start(p.get, to, o.taken); err != nil {
			return err
		}
		defer p.to.stop()
		o.close()
	}
	fmt.Printf("\n%-24s", "items a second, "+where)
	for _, p := range pairings {
		fmt.Printf("%22s", p.name)
	}
	fmt.Println()
	for index, name := range mechanisms {
		if !strings.HasPrefix(name, onlyName) {
			continue
		}
		for _, size := range []int{64, 64 << 10} {
			if onlySize != 0 && onlySize != size {
				continue
			}
			if err := line(pairings, index, count(size, quick), size); err != nil {
				return err
			}
			print(fmt.Sprintf("%s, %d B", name, size), pairings)
		}
	}
	return nil
}

func count(size int, quick bool) int {
	n := 40_000
	if size > 4096 {
		n = 4_000
	}
	if quick {
		n /= 10
	}
	return n
}

func line(pairings []*pairing, index, count, size int) error {
	for _, p := range pairings {
		p.rates, p.costs = nil, [2][]float64{}
	}
	for range rounds {
		for _, p := range pairings {
			rate, err := p.rate(index, count, size)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", mechanisms[index], p.name, err)
			}
			p.rates = append(p.rates, rate)
		}
	}
	return nil
}

func print(name string, pairings []*pairing) {
	fmt.Printf("%-24s", name)
	stock := median(pairings[0].rates)
	for _, p := range pairings {
		rate := median(p.rates)
		fmt.Printf("%14.0f (%5.2f)", rate, rate/stock)
	}
	fmt.Printf("\n%-24s", "  µs an item")
	for _, p := range pairings {
		fmt.Printf("%13.1f +%7.1f", median(p.costs[0])/1000, median(p.costs[1])/1000)
	}
	fmt.Println()
}

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

// serve is what queues.py does.
func serve(what string, in io.Reader, out io.Writer) error {
	data, err := base64.StdEncoding.DecodeString(what)
	if err != nil {
		return err
	}
	var list pickle.List
	if err := pickle.Unmarshal(data, &list); err != nil {
		return err
	}
	var u queues.Unpickler
	var live []any
	for _, o := range list.Items {
		x, err := u.Object(o)
		if err != nil {
			return err
		}
		live = append(live, x)
	}
	u.CloseDescriptors()
	fmt.Fprintln(out, "ready")
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var do string
		var index, count, size int
		if _, err := fmt.Sscan(lines.Text(), &do, &index, &count, &size); err != nil {
			return err
		}
		seconds, err := work(do, live[index], count, []byte(strings.Repeat("x", size)))
		if err != nil {
			return err
		}
		fmt.Fprintln(out, seconds)
	}
	return nil
}

func work(do string, x any, count int, item []byte) (float64, error) {
	ctx := context.Background()
	if do == "put" {
		put := putter(x)
		for range count {
			if err := put(ctx, item); err != nil {
				return 0, err
			}
		}
		return 0, nil
	}
	get := getter(x)
	var begin time.Time
	for i := range count {
		var got []byte
		if err := get(ctx, &got); err != nil {
			return 0, err
		}
		if len(got) != len(item) {
			return 0, fmt.Errorf("an item of %d bytes came", len(got))
		}
		if i == 0 {
			begin = time.Now()
		}
	}
	return time.Since(begin).Seconds(), nil
}
