package managers

// DefaultMaxMessage is how long one message may be, in bytes.
const DefaultMaxMessage = 1 << 30
