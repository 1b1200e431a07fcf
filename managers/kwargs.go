package managers

import "mpbridge/pickle"

// Kwargs are the keyword arguments of a call, given as its last argument.
type Kwargs = pickle.Kwargs
