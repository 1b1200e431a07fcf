package peerlog

import "time"

// SetClock has a Limiter take the time from elsewhere.
func SetClock(l *Limiter, now func() time.Time) { l.now = now }

// Known returns how many peers a Limiter knows apart.
func Known(l *Limiter) int { return len(l.peers) }

// MaxPeers is how many those may be.
const MaxPeers = maxPeers
