// Package pyfunc is what Go functions that Python calls have in common, whoever calls them: which types their
// parameters and results may have, how Python spells their names, and how arguments are bound to parameters, with
// Python's own words for what does not fit.
package pyfunc
