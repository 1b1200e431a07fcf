package server

import (
	"mpbridge/managers/internal/values"
	"mpbridge/managers/internal/waits"
	"mpbridge/pickle"
)

// opener opens what is pickled, within a budget. It belongs to one goroutine. A nil opener, that of the
// program itself, has no bounds but those of pickles.
type opener struct {
	spent  *values.Budget
	decode pickle.DecodeOptions
	plain  *pickle.DecodeOptions // the same without the budget, for what outlives the call
}

// smallRaw is the size of pickles that are opened without being counted: they make next to nothing.
const smallRaw = shortCell

// opener returns what opens the call's arguments, and what it compares them with.
func (c *Call) opener() *opener {
	if c.session == nil {
		return nil
	}
	if c.opens == nil {
		c.opens = c.server.newOpener(c.server.allowance.limits, c.session.wanted)
	}
	return c.opens
}

// newOpener makes an opener for something that stop can end.
func (s *Server) newOpener(l values.BudgetLimits, stop func() error) *opener {
	o := &opener{spent: values.NewBudget(l, stop, s.allowance.pool), plain: s.decode}
	if s.decode != nil {
		o.decode = *s.decode
	}
	o.decode.Meter = o.spent
	return o
}

// budget returns what the call may spend.
func (c *Call) budget() *values.Budget { return c.opener().budget() }

func (o *opener) budget() *values.Budget {
	if o == nil {
		return nil
	}
	return o.spent
}

// close gives back what was spent.
func (o *opener) close() { o.budget().Close() }

// open decodes r.
func (o *opener) open(r pickle.Raw) (any, error) {
	if o == nil || r.Size() <= smallRaw {
		return r.Any()
	}
	return r.WithOptions(&o.decode).Any()
}

// open decodes an argument of the call.
func (c *Call) open(r pickle.Raw) (any, error) {
	if r.Size() <= smallRaw {
		return r.Any()
	}
	return c.opener().open(r)
}

// Unmarshal decodes an argument into what dst points to, as pickle.Raw.Unmarshal does, within the limits of
// one call: see Limits.
func (c *Call) Unmarshal(r pickle.Raw, dst any) error {
	o := c.opener()
	if o == nil || r.Size() <= smallRaw {
		return r.Unmarshal(dst)
	}
	return r.WithOptions(&o.decode).Unmarshal(dst)
}

// assign is pickle.Assign.
func (o *opener) assign(dst, v any) error {
	if o == nil {
		return pickle.Assign(dst, v)
	}
	return o.decode.Assign(dst, v)
}

// encoding returns how values are pickled that are kept or sent to a peer of dialect d.
func (o *opener) encoding(e pickle.EncodeOptions) *pickle.EncodeOptions {
	if o != nil {
		e.Meter = o.spent
	}
	return &e
}

// wanted tells why nobody wants the result of the session's call any more: nil while somebody does.
func (s *session) wanted() error {
	if s.Gone() {
		return waits.ErrGone
	}
	return nil
}

// allowance is what the calls of a server may spend.
type allowance struct {
	limits values.BudgetLimits // of one call
	pool   *values.Pool        // of all calls together
}

func (l Limits) allowance() allowance {
	return allowance{
		limits: values.BudgetLimits{Values: l.MaxCallValues, Bytes: l.MaxCallBytes, Steps: l.MaxCallSteps},
		pool:   values.NewPool(l.MaxWorkBytes),
	}
}
