package synchronize

import "errors"

// part is one of the things that a Condition, an Event or a Barrier is made of.
type part interface {
	Close() error
	Unlink() error
}

// parts are those that were made or opened together.
type parts []part

// Close ends the use of all parts by this process: see SemLock.Close.
func (p parts) Close() error { return p.each(part.Close) }

// Unlink removes the names of all parts: see SemLock.Unlink.
func (p parts) Unlink() error { return p.each(part.Unlink) }

// Names are the names of all parts, for who has to remove them after this process.
func (p parts) Names() []string {
	var names []string
	for _, x := range p {
		switch x := x.(type) {
		case interface{ Names() []string }:
			names = append(names, x.Names()...)
		case interface{ Name() string }:
			names = append(names, x.Name())
		}
	}
	return names
}

func (p parts) each(do func(part) error) error {
	var errs []error
	for _, x := range p {
		errs = append(errs, do(x))
	}
	return errors.Join(errs...)
}

// builder makes or opens parts one by one. After the first error it does nothing.
type builder struct {
	options *Options
	open    bool   // there should be such parts
	base    string // what their names begin with
	parts   parts
	err     error
}

// build makes the parts of something whose names begin with that in the options, or one that it makes up.
func build(o *Options) *builder {
	b := &builder{options: o}
	if o != nil {
		b.base = o.Name
	}
	if b.base == "" {
		b.base = newName()
	}
	return b
}

func (b *builder) semaphore(suffix string) *Semaphore {
	if b.err != nil {
		return nil
	}
	if b.open {
		return added(b, func() (*Semaphore, error) { return OpenSemaphore(b.base+suffix, b.options) })
	}
	return added(b, func() (*Semaphore, error) { return NewSemaphore(0, b.options.named(b.base, suffix)) })
}

func (b *builder) lock() *Lock {
	if b.open {
		return added(b, func() (*Lock, error) { return OpenLock(b.base, b.options) })
	}
	return added(b, func() (*Lock, error) { return NewLock(b.options.named(b.base, "")) })
}

func (b *builder) rlock() *RLock {
	if b.open {
		return added(b, func() (*RLock, error) { return OpenRLock(b.base, b.options) })
	}
	return added(b, func() (*RLock, error) { return NewRLock(b.options.named(b.base, "")) })
}

// added is what f makes, which then is one of the parts.
func added[T part](b *builder, f func() (T, error)) T {
	var x T
	if b.err != nil {
		return x
	}
	if x, b.err = f(); b.err == nil {
		b.parts = append(b.parts, x)
	}
	return x
}

// done returns the parts. Where one failed the others are gone.
func (b *builder) done() (parts, error) {
	if b.err == nil {
		return b.parts, nil
	}
	err := errors.Join(b.err, b.parts.Close())
	if !b.open {
		err = errors.Join(err, b.parts.Unlink())
	}
	return nil, err
}
