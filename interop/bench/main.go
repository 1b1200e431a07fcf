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
const rounds = 3

// section is one row of the table.
type section struct {
	name   string
	on     string // "tcp" or "unix"
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
	return []section{
		{"connect + get_queue + release", "tcp", []string{"fresh", n("30", "8")}, "", "100x"},
		{"connect + get_queue + release", "unix", []string{"fresh", n("100", "20")}, "", ""},
		{"qsize", "tcp", []string{"qsize", small}, "8", ""},
		{"qsize", "unix", []string{"qsize", small}, "8", ""},
		{"put+get 100 B, 1 client", "tcp", []string{"putget", small, "100"}, "100", "1.15x"},
		{"put+get 100 B, 1 client", "unix", []string{"putget", small, "100"}, "100", "1.15x"},
		{"put+get 100 B, 8 clients", "tcp", []string{"crowd", n("1500", "300"), "8", "100"}, "", "2x"},
		{"put+get 100 B, 8 clients", "unix", []string{"crowd", n("1500", "300"), "8", "100"}, "", "2x"},
		{"put+get 1 KB", "tcp", []string{"putget", small, "1024"}, "1024", ""},
		{"put+get 32 KB", "tcp", []string{"putget", n("20", "8"), "32768"}, "32768", "300x"},
		{"put+get 1 MB", "tcp", []string{"putget", n("100", "30"), "1048576"}, "1048576", "1.2x"},
		{"dict[key]", "tcp", []string{"dict_get", small}, "16", "1.2x"},
		{"dict[key] = value", "tcp", []string{"dict_set", small}, "16", "1.2x"},
		{"len(dict)", "tcp", []string{"dict_len", small}, "8", "1.2x"},
		{"list[index]", "tcp", []string{"list_get", small}, "8", "1.2x"},
		{"list[index] = value", "tcp", []string{"list_set", small}, "8", "1.2x"},
		{"list.append(value)", "tcp", []string{"list_append", small}, "8", "1.2x"},
		{"len(list)", "tcp", []string{"list_len", small}, "8", "1.2x"},
		{"list.append(value)", "unix", []string{"list_append", small}, "8", "1.2x"},
		{"dict[key]", "unix", []string{"dict_get", small}, "16", "1.2x"},
		{"put+get 64 MB", "tcp", []string{"putget", n("7", "3"), "67108864"}, "67108864", "1.5x"},
	}
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
	fmt.Printf("%-32s %-5s %12s %12s %9s %12s %8s\n",
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
	var cpython, ours, raw []float64
	for range rounds {
		for _, m := range []struct {
			server *server
			into   *[]float64
		}{{b.cpython[s.on], &cpython}, {b.ours[s.on], &ours}} {
			sec, err := b.client(ctx, m.server.address, s.args...)
			if err != nil {
				return err
			}
			*m.into = append(*m.into, sec)
		}
		if s.raw != "" {
			sec, err := b.client(ctx, b.echo[s.on], "raw", s.args[1], s.raw)
			if err != nil {
				return err
			}
			raw = append(raw, sec)
		}
	}
	bare := ""
	if len(raw) > 0 {
		bare = duration(median(raw))
	}
	fmt.Printf("%-32s %-5s %12s %12s %8.2fx %12s %8s\n", s.name, s.on, duration(median(cpython)),
		duration(median(ours)), median(cpython)/median(ours), bare, s.target)
	return nil
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

func duration(sec float64) string {
	return time.Duration(sec * float64(time.Second)).Round(100 * time.Nanosecond).String()
}
