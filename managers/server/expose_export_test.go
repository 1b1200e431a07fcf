package server

import (
	"reflect"

	"mpbridge/internal/pyfunc"
)

// Spell returns a decoded value with the field names of T as package pickle knows them.
func Spell[T any](v any) (any, error) { return pyfunc.Spell(v, reflect.TypeFor[T]()) }
