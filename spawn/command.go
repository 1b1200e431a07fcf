package spawn

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// command is what the arguments of a program that multiprocessing starts ask for.
type command struct {
	child   bool // a child of the start method spawn; else what only an interpreter can be
	pipe    int  // of a child: where its two pickles come from
	tracker int  // and the resource tracker's pipe, -1 where there is none
}

// Source: get_command_line in Lib/multiprocessing/spawn.py; the text is the same in 3.6 to 3.15.
var spawnMain = regexp.MustCompile(`^from multiprocessing\.spawn import spawn_main; spawn_main\(([^()]*)\)$`)

const forkFlag = "--multiprocessing-fork"

// parseCommand reads the arguments of a program, the first of which is its name. ok is false where they are
// not multiprocessing's, but the program's own.
func parseCommand(args []string) (c command, ok bool) {
	if len(args) > 1 && args[1] == forkFlag { // what a parent that is frozen says
		return childCommand(args[2:])
	}
	at := slices.Index(args, "-c")
	if at < 1 || at+1 >= len(args) {
		return c, false
	}
	text := args[at+1]
	if m := spawnMain.FindStringSubmatch(text); m != nil && slices.Contains(args[at+2:], forkFlag) {
		return childCommand(strings.Split(m[1], ","))
	}
	return c, strings.Contains(text, "from multiprocessing.")
}

// childCommand reads "tracker_fd=5", "pipe_handle=7".
func childCommand(words []string) (c command, ok bool) {
	c = command{child: true, pipe: -1, tracker: -1}
	for _, word := range words {
		name, value, _ := strings.Cut(strings.TrimSpace(word), "=")
		n, err := strconv.ParseUint(value, 10, 31)
		switch {
		case err != nil: // parent_pid=None, of Windows
		case name == "pipe_handle":
			c.pipe = int(n)
		case name == "tracker_fd":
			c.tracker = int(n)
		}
	}
	return c, c.pipe >= 0
}
