package tunnel

import "time"

// SetLastWords changes, before Serve, how long a peer may speak after the other has left.
func SetLastWords(t *Tunnel, d time.Duration) { t.lastWords = d }
