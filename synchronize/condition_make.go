package synchronize

import "mpbridge/pickle"

// NewCondition makes a condition on a lock, or, given nil, on an RLock of its own, as Python does. Its
// semaphores, and that lock, have names that begin with the one in Options.
func NewCondition(on Locking, o *Options) (*Condition, error) { return build(o).condition(on) }

// OpenCondition opens the condition that NewCondition has made under a name, on the lock that it was made
// with, or nil for its own.
func OpenCondition(name string, on Locking, o *Options) (*Condition, error) {
	b := &builder{options: o, open: true, base: name}
	return b.condition(on)
}

func (b *builder) condition(on Locking) (*Condition, error) {
	if on == nil {
		on = b.rlock()
	}
	c := &Condition{lock: on, options: b.options.copy()}
	b.fill(c)
	parts, err := b.done()
	if err != nil {
		return nil, err
	}
	c.parts = parts
	return c, nil
}

// fill gives a condition its semaphores.
func (b *builder) fill(c *Condition) {
	c.sleeping, c.woken, c.queue = b.semaphore("-sleeping"), b.semaphore("-woken"), b.semaphore("-wait")
}

// Close ends the use of the condition by this process, and that of its lock, unless it was given to
// NewCondition or OpenCondition: see SemLock.Close.
func (c *Condition) Close() error { return c.parts.Close() }

// Unlink removes the names of all that Close closes: see SemLock.Unlink.
func (c *Condition) Unlink() error { return c.parts.Unlink() }

// Names are the names that Unlink removes.
func (c *Condition) Names() []string { return c.parts.Names() }

// MarshalPickle returns what becomes a Condition of Python 3 when it is unpickled: see Pickler.
func (c *Condition) MarshalPickle() (any, error) { return new(Pickler).Object(c) }

// toPickle writes the state (lock, sleeping_count, woken_count, wait_semaphore).
func (c *Condition) toPickle(p *Pickler) (*pickle.Object, error) {
	state, err := p.all(c.lock, c.sleeping, c.woken, c.queue)
	if err != nil {
		return nil, err
	}
	return instance("Condition", pickle.Tuple(state)), nil
}

// madeOf are the names of the lock and the semaphores, whoever has opened them.
func (c *Condition) madeOf() []string {
	names := []string{c.lock.Name()}
	for _, s := range []turnstile{c.sleeping, c.woken, c.queue} {
		names = append(names, s.(*Semaphore).Name())
	}
	return names
}

// condition reads what toPickle writes.
func (u *Unpickler) condition(o *pickle.Object) (any, error) {
	const form = "its state is no tuple (lock, sleeping_count, woken_count, wait_semaphore)"
	state, ok := o.State.(pickle.Tuple)
	if !ok || len(state) != 4 {
		return nil, &StateError{"Condition", form}
	}
	r := u.reader("Condition")
	c := &Condition{options: u.Options.copy()}
	c.lock = r.lock(state[0])
	c.sleeping, c.woken, c.queue = r.semaphore(state[1]), r.semaphore(state[2]), r.semaphore(state[3])
	if r.err == nil {
		r.distinct(c.madeOf()...)
	}
	var err error
	if c.parts, err = r.done(); err != nil {
		return nil, err
	}
	return c, nil
}

// condition opens the condition that something is made of.
func (r *reader) condition(v any) *Condition {
	c, _ := r.object(v, map[string]opening{"Condition": (*Unpickler).condition}).(*Condition)
	return c
}
