package server

import "reflect"

// Snake is the Python spelling of a Go name.
var Snake = snake

// Spell returns a decoded value with the field names of T as package pickle knows them.
func Spell[T any](v any) (any, error) { return spell(v, reflect.TypeFor[T]()) }
