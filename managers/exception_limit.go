package managers

import (
	"errors"

	"mpbridge/managers/internal/values"
)

// overspent is the exception that a *values.BudgetError is to the client, or nil. Python's word for what
// takes more memory than there is, is MemoryError; it has none for what takes too long, so that is a
// RuntimeError, as recursion without end is.
func overspent(err error) *Exception {
	var over *values.BudgetError
	if !errors.As(err, &over) {
		return nil
	}
	like := ErrMemoryError
	if over.What == "steps" || over.What == "steps on one number" {
		like = ErrRuntimeError
	}
	text := over.Error()
	if flag := callFlags[over.What]; flag != "" {
		text += ": the server's limit, " + flag
	}
	return like.New(text)
}

// callFlags says by which flag of mpbridge serve, and which field of Limits, the limit of a Budget is set.
var callFlags = map[string]string{
	"values":             "--max-call-values",
	"bytes":              "--max-call-bytes",
	"steps":              "--max-call-steps",
	"bytes of all calls": "--max-work-bytes",
}
