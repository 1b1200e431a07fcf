package spawn

import "mpbridge/pickle"

// ParseCommand returns what arguments ask for: whether to be a child, its pipe and tracker.
func ParseCommand(args ...string) (child bool, pipe, tracker int, ok bool) {
	c, ok := parseCommand(args)
	return c.child, c.pipe, c.tracker, ok
}

// Aim returns what can be known of the beginning of what a parent sends.
func Aim(data []byte) (class, target string, ok bool) {
	a, ok := (&payload{data: data}).aim()
	if ok && a.target != nil {
		target = aim{target: a.target}.String()
	}
	return spelled(a.class), target, ok
}

// Describe decodes all of it. The arguments are those of the target, partials included.
func Describe(data []byte, o *pickle.DecodeOptions) (*CurrentProcess, []any, error) {
	p := &payload{data: data}
	if !p.whole() {
		return nil, nil, bootstrapError("it ends in the middle")
	}
	c, j, err := p.decode(o)
	if err != nil {
		return nil, nil, err
	}
	_, b, _ := unwrap(j.target)
	args, _ := j.args.(pickle.Tuple)
	return c, b.with(args, nil).args, nil
}

// Check tells what is wrong with Targets.
func Check(t Targets) error {
	_, err := newCrew(t)
	return err
}
