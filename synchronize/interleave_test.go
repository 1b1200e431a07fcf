package synchronize

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"testing"
)

// Every order of the atomic steps of a few processes is tried here: see interleavings.

// world is what processes share, new for each order that is tried.
type world struct {
	processes []func(p *process)
	// shared describes what they share: two states in which it is the same, and every process has seen the
	// same so far, go on in the same way.
	shared func() string
	// wrong tells what is wrong when nobody can go on; stuck are those that have not ended.
	wrong func(stuck []*process) string
}

// process is one of those that take steps.
type process struct {
	id      int
	seen    []byte // what its steps returned
	pending []choice
	chosen  int
	yield   func([]choice) bool
	next    func() ([]choice, bool)
	stop    func()
	ended   bool
}

// choice is one of the ways in which a step can go.
type choice struct {
	possible func() bool // nil: always
	do       func() any  // what is done; the value is what the process sees of it
}

// abandoned unwinds a process whose order is not followed to its end.
type abandoned struct{}

// step takes one atomic step, in one of the ways that are possible, and returns what it saw.
func (p *process) step(choices ...choice) any {
	if !p.yield(choices) {
		panic(abandoned{})
	}
	v := choices[p.chosen].do()
	p.seen = appendSeen(append(p.seen, byte('0'+p.chosen)), v)
	return v
}

func appendSeen(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, ' ')
	case bool:
		return append(strconv.AppendBool(b, v), ' ')
	}
	return fmt.Append(b, v, " ")
}

// do is a step that is always possible, in one way.
func (p *process) do(f func() any) any { return p.step(choice{nil, f}) }

// die ends the process here, as SIGKILL does.
func (p *process) die() { panic(abandoned{}) }

func (p *process) start(body func(*process)) {
	p.next, p.stop = iter.Pull(func(yield func([]choice) bool) {
		p.yield = yield
		defer func() {
			if r := recover(); r != nil && r != any(abandoned{}) {
				panic(r)
			}
		}()
		body(p)
	})
	p.advance()
}

// advance runs a process up to its next step.
func (p *process) advance() {
	choices, more := p.next()
	p.pending, p.ended = choices, !more
}

// turn is a process and the way that its step goes.
type turn struct{ process, choice int }

// explorer follows orders of steps.
type explorer struct {
	make  func() world
	known map[string]bool
	todo  [][]turn
	wrong string
}

// interleavings tries every order and returns how many states there are, and what is wrong in one of them.
func interleavings(make func() world) (states int, wrong string) {
	e := explorer{make: make, known: map[string]bool{}, todo: [][]turn{nil}}
	for len(e.todo) > 0 && e.wrong == "" {
		prefix := e.todo[len(e.todo)-1]
		e.todo = e.todo[:len(e.todo)-1]
		e.follow(prefix)
	}
	return len(e.known), e.wrong
}

// follow repeats an order, then goes on to the end, leaving the other ways for later.
func (e *explorer) follow(order []turn) {
	w := e.make()
	var all []*process
	for i, body := range w.processes {
		p := &process{id: i}
		p.start(body)
		all = append(all, p)
	}
	defer func() {
		for _, p := range all {
			p.stop()
		}
	}()
	for _, t := range order {
		take(all, t)
	}
	for {
		state := describe(w, all)
		if e.known[state] {
			return
		}
		e.known[state] = true
		turns := possible(all)
		if len(turns) == 0 {
			e.end(w, all, order)
			return
		}
		for _, t := range turns[1:] {
			e.todo = append(e.todo, append(order[:len(order):len(order)], t))
		}
		order = append(order[:len(order):len(order)], turns[0])
		take(all, turns[0])
	}
}

func (e *explorer) end(w world, all []*process, order []turn) {
	var stuck []*process
	for _, p := range all {
		if !p.ended {
			stuck = append(stuck, p)
		}
	}
	if wrong := w.wrong(stuck); wrong != "" {
		e.wrong = fmt.Sprintf("%s, after %v:\n%s", wrong, order, describe(w, all))
	}
}

func take(all []*process, t turn) {
	p := all[t.process]
	p.chosen = t.choice
	p.advance()
}

func possible(all []*process) (turns []turn) {
	for i, p := range all {
		for j, c := range p.pending {
			if c.possible == nil || c.possible() {
				turns = append(turns, turn{i, j})
			}
		}
	}
	return turns
}

func describe(w world, all []*process) string {
	b := []byte(w.shared())
	for _, p := range all {
		b = append(append(b, '\n'), p.seen...)
		b = strconv.AppendBool(b, p.ended)
	}
	return string(b)
}

func TestInterleavingsFindWhatOneOrderOfManyDoes(t *testing.T) {
	_, wrong := interleavings(func() world {
		n := 0
		add := func(p *process) {
			was := p.do(func() any { return n }).(int)
			p.do(func() any { n = was + 1; return nil })
		}
		return world{
			processes: []func(*process){add, add},
			shared:    func() string { return fmt.Sprint(n) },
			wrong: func([]*process) string {
				if n != 2 {
					return "an addition is lost"
				}
				return ""
			},
		}
	})
	if !strings.Contains(wrong, "an addition is lost") {
		t.Fatal("the race was not found")
	}
}
