package client

import (
	"context"
	"fmt"
	"iter"

	"mpbridge/pickle"
)

// Set is a set in a manager: Python 3.14 and newer, or ours. Each method is one call. Other sets
// are given as a *pickle.Set, or as whatever Python can iterate over.
type Set struct {
	*Proxy
}

// OpenSet makes a set, or finds a shared one. The argument, if there is one, is what it holds at first.
func (c *Client) OpenSet(ctx context.Context, typeid string, args ...any) (*Set, error) {
	return create(ctx, c, typeid, args, AsSet)
}

// AsSet wraps the proxy of a set.
func AsSet(p *Proxy) *Set { return &Set{p} }

// Add adds an element.
func (s *Set) Add(ctx context.Context, v any) error { return s.do(ctx, "add", v) }

// Discard removes an element, if it is there.
func (s *Set) Discard(ctx context.Context, v any) error { return s.do(ctx, "discard", v) }

// Remove removes an element, or fails with ErrKeyError.
func (s *Set) Remove(ctx context.Context, v any) error { return s.do(ctx, "remove", v) }

// Pop removes any element and returns it, or fails with ErrKeyError.
func (s *Set) Pop(ctx context.Context) (any, error) { return s.Call(ctx, "pop") }

// Clear removes all elements.
func (s *Set) Clear(ctx context.Context) error { return s.do(ctx, "clear") }

// Contains reports whether v is an element.
func (s *Set) Contains(ctx context.Context, v any) (bool, error) {
	return s.truth(ctx, "__contains__", v)
}

// Len returns the number of elements.
func (s *Set) Len(ctx context.Context) (int, error) { return s.count(ctx, "__len__") }

// Copy returns a copy, which is not a proxy.
func (s *Set) Copy(ctx context.Context) (*pickle.Set, error) { return s.set(ctx, "copy") }

// All yields the elements that the set had at first. An error is the last that it yields.
func (s *Set) All(ctx context.Context) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		set, err := s.Copy(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		for v := range set.All() {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// Update adds the elements of others.
func (s *Set) Update(ctx context.Context, others ...any) error {
	return s.do(ctx, "update", others...)
}

// IntersectionUpdate keeps the elements that are in all others, too.
func (s *Set) IntersectionUpdate(ctx context.Context, others ...any) error {
	return s.do(ctx, "intersection_update", others...)
}

// DifferenceUpdate removes the elements of others.
func (s *Set) DifferenceUpdate(ctx context.Context, others ...any) error {
	return s.do(ctx, "difference_update", others...)
}

// SymmetricDifferenceUpdate keeps the elements that are in one of the two sets only.
func (s *Set) SymmetricDifferenceUpdate(ctx context.Context, other any) error {
	return s.do(ctx, "symmetric_difference_update", other)
}

// Union returns the elements of this set and of others.
func (s *Set) Union(ctx context.Context, others ...any) (*pickle.Set, error) {
	return s.set(ctx, "union", others...)
}

// Intersection returns the elements that are in all others, too.
func (s *Set) Intersection(ctx context.Context, others ...any) (*pickle.Set, error) {
	return s.set(ctx, "intersection", others...)
}

// Difference returns the elements that are in none of others.
func (s *Set) Difference(ctx context.Context, others ...any) (*pickle.Set, error) {
	return s.set(ctx, "difference", others...)
}

// SymmetricDifference returns the elements that are in one of the two sets only.
func (s *Set) SymmetricDifference(ctx context.Context, other any) (*pickle.Set, error) {
	return s.set(ctx, "symmetric_difference", other)
}

// IsSubset reports whether other has all elements.
func (s *Set) IsSubset(ctx context.Context, other any) (bool, error) {
	return s.truth(ctx, "issubset", other)
}

// IsSuperset reports whether all elements of other are in the set.
func (s *Set) IsSuperset(ctx context.Context, other any) (bool, error) {
	return s.truth(ctx, "issuperset", other)
}

// IsDisjoint reports whether the sets have no element in common.
func (s *Set) IsDisjoint(ctx context.Context, other any) (bool, error) {
	return s.truth(ctx, "isdisjoint", other)
}

// set calls a method whose result is a set.
func (s *Set) set(ctx context.Context, method string, args ...any) (*pickle.Set, error) {
	v, err := s.Call(ctx, method, args...)
	if err != nil {
		return nil, err
	}
	if set, ok := v.(*pickle.Set); ok {
		return set, nil
	}
	return nil, fmt.Errorf("managers: %s returned a %s, no set", method, pickle.TypeName(v))
}
