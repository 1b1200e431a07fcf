package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"time"
)

// rounds is how often each server is measured; odd, for a median that was measured.
const rounds = 5

// section is one row of the table.
type section struct {
	name   string
	on     string // a site
	args   []string
	raw    string // size for the bare socket, "" for none
	target string
}

func sections(quick bool) []section {
	n := func(full, short string) string {
		if quick {
			return short
		}
		return full
	}
	small := n("4000", "800")
	all := []section{
		{"connect + get_queue + release", onTCP, []string{"fresh", n("30", "8")}, "", "100x"},
		{"connect + get_queue + release", onUnix, []string{"fresh", n("100", "20")}, "", ""},
		{"qsize", onTCP, []string{"qsize", small}, "8", ""},
		{"qsize", onUnix, []string{"qsize", small}, "8", ""},
		{"put+get 100 B, 1 client", onTCP, []string{"putget", small, "100"}, "100", "1.15x"},
		{"put+get 100 B, 1 client", onUnix, []string{"putget", small, "100"}, "100", "1.15x"},
		{"put+get 100 B, 2 clients", onTCP, []string{"crowd", n("1500", "300"), "2", "100"}, "", ""},
		{"put+get 100 B, 4 clients", onTCP, []string{"crowd", n("1500", "300"), "4", "100"}, "", "1.5x"},
		{"put+get 100 B, 8 clients", onTCP, []string{"crowd", n("1500", "300"), "8", "100"}, "", "2x"},
		{"put+get 100 B, 2 clients", onUnix, []string{"crowd", n("1500", "300"), "2", "100"}, "", ""},
		{"put+get 100 B, 4 clients", onUnix, []string{"crowd", n("1500", "300"), "4", "100"}, "", "1.5x"},
		{"put+get 100 B, 8 clients", onUnix, []string{"crowd", n("1500", "300"), "8", "100"}, "", "2x"},
		{"put+get 1 KB", onTCP, []string{"putget", small, "1024"}, "1024", ""},
		{"put+get 32 KB", onTCP, []string{"putget", n("20", "8"), "32768"}, "32768", "300x"},
		{"put+get 1 MB", onTCP, []string{"putget", n("100", "30"), "1048576"}, "1048576", "1.2x"},
		{"put+get 64 MB", onTCP, []string{"putget", n("7", "3"), "67108864"}, "67108864", "1.5x"},
	}
	for _, on := range []string{onOneCore, onTwoCores} {
		for _, call := range containerCalls {
			all = append(all, section{call[0], on, []string{call[1], small}, "", "1.2x"})
		}
	}
	for _, on := range []string{onTCP, onUnix} {
		all = append(all, section{"the calls on dict and list", on, []string{"calls", small}, "8", "1.2x"})
	}
	return all
}

// containerCalls are calls on a dict or list and their names in client.py.
var containerCalls = [][2]string{
	{"dict[key]", "dict_get"},
	{"dict[key] = value", "dict_set"},
	{"len(dict)", "dict_len"},
	{"list[index]", "list_get"},
	{"list[index] = value", "list_set"},
	{"list.append(value)", "list_append"},
	{"len(list)", "list_len"},
}

func main() {
	quick := flag.Bool("quick", false, "shorter rounds")
	only := flag.String("only", "", "only sections whose name matches")
	python := flag.String("python", "", "the interpreter of clients and of CPython's server")
	flag.Parse()
	if err := run(*quick, *only, *python); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(quick bool, only, python string) error {
	want, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	b, err := newBench(ctx, python)
	if err != nil {
		return err
	}
	defer b.close()
	fmt.Printf("%-32s %-12s %12s %12s %9s %12s %8s\n",
		"", "", "CPython", "mpbridge", "ratio", "raw", "target")
	for _, s := range sections(quick) {
		if !want.MatchString(s.name) {
			continue
		}
		if err := b.compare(ctx, s); err != nil {
			return fmt.Errorf("%s on %s: %w", s.name, s.on, err)
		}
	}
	if want.MatchString("memory of 64 MB items") {
		if err := b.peak(ctx); err != nil {
			return err
		}
	}
	if want.MatchString("handover") {
		if err := b.handovers(ctx, quick); err != nil {
			return err
		}
	}
	if want.MatchString("1,000 blocked clients") {
		if err := b.blocked(ctx, 1000); err != nil {
			return err
		}
	}
	if want.MatchString("10,000 blocked clients") {
		if err := b.many(ctx, 10_000); err != nil {
			return err
		}
	}
	return b.attacks(ctx, want, quick)
}

// compare measures both servers in turn and prints a row.
func (b *bench) compare(ctx context.Context, s section) error {
	at, err := b.site(ctx, s.on)
	if err != nil {
		return err
	}
	if at == nil {
		fmt.Printf("%-32s %-12s not on this machine\n", s.name, s.on)
		return nil
	}
	var cpython, ours, raw []float64
	for range rounds {
		for _, m := range []struct {
			server *server
			into   *[]float64
		}{{at.cpython, &cpython}, {at.ours, &ours}} {
			sec, err := b.clientOn(ctx, at.clientOn, m.server.address, s.args...)
			if err != nil {
				return err
			}
			*m.into = append(*m.into, sec)
		}
		if s.raw != "" {
			sec, err := b.client(ctx, at.echo, "raw", s.args[1], s.raw)
			if err != nil {
				return err
			}
			raw = append(raw, sec)
		}
	}
	bare := ""
	if len(raw) > 0 {
		bare = duration(mean(raw))
	}
	fmt.Printf("%-32s %-12s %12s %12s %8.2fx %12s %8s\n", s.name, s.on, duration(mean(cpython)),
		duration(mean(ours)), mean(cpython)/mean(ours), bare, s.target)
	return nil
}

func mean(v []float64) (sum float64) {
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

func duration(sec float64) string {
	return time.Duration(sec * float64(time.Second)).Round(100 * time.Nanosecond).String()
}
