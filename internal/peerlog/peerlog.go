// Package peerlog bounds the log lines that peers cause. A peer that fails as often as it can would
// fill a disk and hide what others do; so each has a rate, all together have one, and what was left
// out is counted and told.
//
// A Handler of the program's that panics ends no goroutine of ours: its line is lost.
package peerlog

import (
	"container/list"
	"context"
	"log/slog"
	"net"
	"sync"
	"time"
)

// Rate is how many lines are logged: Burst at once, and PerSecond on average. The zero Rate has no
// bounds.
type Rate struct {
	Burst     int
	PerSecond float64
}

// Options of New.
type Options struct {
	Peer Rate          // of each peer
	All  Rate          // of all peers together
	Tell time.Duration // how long at most a count of what was left out is kept back; 0 means DefaultTell
}

const (
	// DefaultTell is when a count of lines that were left out is told, if no line of the peer's was
	// logged before.
	DefaultTell = 10 * time.Second

	// maxPeers is how many peers are known apart. The one that was silent longest gives way.
	maxPeers = 4096

	// maxTold is how many peers are named when counts are told; of more than that, the sum is.
	maxTold = 10
)

// Limiter makes Loggers of which each speaks of one peer. Its methods may be called concurrently.
type Limiter struct {
	out *slog.Logger
	o   Options
	now func() time.Time

	mu     sync.Mutex // all below; never held while logging
	peers  map[string]*peer
	recent list.List // of *peer; who was logged last is in front
	all    bucket
	silent int // peers with lines left out
	gone   tally
	timer  *time.Timer // nil unless it runs
	closed bool

	running sync.WaitGroup // the timer
}

// peer is what is known of one peer.
type peer struct {
	name string
	bucket
	tally
	at *list.Element
}

// tally counts lines that were left out, and the gravest level among them.
type tally struct {
	name  string
	lines int
	level slog.Level
}

func (t *tally) add(other tally) {
	if t.lines == 0 || other.level > t.level {
		t.level = other.level
	}
	t.lines += other.lines
}

// Usual are the bounds of what peers of a server cause.
var Usual = Options{Peer: Rate{Burst: 100, PerSecond: 2}, All: Rate{Burst: 500, PerSecond: 50}}

// Host names the machine at the other end of a connection, as a peer; all peers of a unix socket are
// one.
func Host(addr net.Addr) string {
	if a, ok := addr.(*net.TCPAddr); ok {
		return a.IP.String()
	}
	return "unix"
}

// New makes a Limiter of lines to log, where nil is nobody. The caller must Close it.
func New(log *slog.Logger, o Options) *Limiter {
	if o.Tell <= 0 {
		o.Tell = DefaultTell
	}
	l := &Limiter{o: o, now: time.Now, peers: make(map[string]*peer)}
	l.out = Careful(log)
	l.all.fill(o.All)
	return l
}

// Logger returns a Logger whose lines count as the peer's. It adds nothing to them.
func (l *Limiter) Logger(peer string) *slog.Logger {
	return slog.New(handler{limiter: l, peer: peer, next: l.out.Handler()})
}

// Forget tells what was left out of a peer that is gone.
func (l *Limiter) Forget(peer string) {
	l.mu.Lock()
	var t tally
	if p := l.peers[peer]; p != nil {
		t = l.remove(p)
	}
	l.mu.Unlock()
	l.tell(t)
}

// Close tells what was left out. Lines that are logged later have the same bounds, and what is left
// out then is told with a later line or not at all.
func (l *Limiter) Close() {
	l.mu.Lock()
	l.closed = true
	if l.timer != nil && l.timer.Stop() {
		l.running.Done()
	}
	l.timer = nil
	told := l.collect()
	l.mu.Unlock()
	l.tell(told...)
	l.running.Wait()
}

// pass tells whether a line of the peer's is logged. What was left out before it is told first.
func (l *Limiter) pass(name string, level slog.Level) bool {
	l.mu.Lock()
	now := l.now()
	p := l.find(name)
	if !p.has(l.o.Peer, now) || !l.all.has(l.o.All, now) {
		l.leftOut(p, level)
		l.mu.Unlock()
		return false
	}
	p.take()
	l.all.take()
	t := l.clear(p)
	l.mu.Unlock()
	l.tell(t)
	return true
}

// find returns the peer of a name. The caller holds mu.
func (l *Limiter) find(name string) *peer {
	if p := l.peers[name]; p != nil {
		l.recent.MoveToFront(p.at)
		return p
	}
	if len(l.peers) >= maxPeers {
		l.gone.add(l.remove(l.recent.Back().Value.(*peer)))
	}
	p := &peer{name: name}
	p.fill(l.o.Peer)
	p.at = l.recent.PushFront(p)
	l.peers[name] = p
	return p
}

// leftOut counts a line that is not logged. The caller holds mu.
func (l *Limiter) leftOut(p *peer, level slog.Level) {
	if p.lines == 0 {
		l.silent++
	}
	p.add(tally{lines: 1, level: level})
	if l.timer == nil && !l.closed {
		l.running.Add(1)
		l.timer = time.AfterFunc(l.o.Tell, l.interval)
	}
}

// clear takes the count of a peer. The caller holds mu.
func (l *Limiter) clear(p *peer) tally {
	t := p.tally
	t.name = p.name
	if t.lines > 0 {
		l.silent--
	}
	p.tally = tally{}
	return t
}

// remove forgets a peer, and returns its count. The caller holds mu.
func (l *Limiter) remove(p *peer) tally {
	l.recent.Remove(p.at)
	delete(l.peers, p.name)
	return l.clear(p)
}

// interval tells the counts, Tell after the first line was left out.
func (l *Limiter) interval() {
	defer l.running.Done()
	l.mu.Lock()
	l.timer = nil
	var told []tally
	if !l.closed { // else Close has told them
		told = l.collect()
	}
	l.mu.Unlock()
	l.tell(told...)
}

// collect takes all counts: one for each peer, or their sum where those are many. The caller holds
// mu.
func (l *Limiter) collect() []tally {
	var each []tally
	sum := l.gone
	apart := l.silent <= maxTold
	for e := l.recent.Back(); e != nil && l.silent > 0; e = e.Prev() {
		p := e.Value.(*peer)
		switch t := l.clear(p); {
		case t.lines == 0:
		case apart:
			each = append(each, t)
		default:
			sum.add(t)
		}
	}
	l.gone = tally{}
	return append(each, sum)
}

// tell logs counts, as lines of nobody's.
func (l *Limiter) tell(told ...tally) {
	for _, t := range told {
		if t.lines == 0 {
			continue
		}
		name := t.name
		if name == "" {
			name = "several"
		}
		l.out.LogAttrs(context.Background(), t.level, "log lines left out",
			slog.Int("lines", t.lines), slog.String("of", name))
	}
}

// bucket holds what may be logged at once; it fills with time.
type bucket struct {
	tokens float64
	at     time.Time
}

func (b *bucket) fill(r Rate) { b.tokens = float64(r.Burst) }

// has tells whether a line may be logged now.
func (b *bucket) has(r Rate, now time.Time) bool {
	if r == (Rate{}) {
		b.tokens = 1
		return true
	}
	if !b.at.IsZero() {
		passed := max(now.Sub(b.at), 0)
		b.tokens = min(b.tokens+passed.Seconds()*r.PerSecond, float64(r.Burst))
	}
	b.at = now
	return b.tokens >= 1
}

func (b *bucket) take() { b.tokens-- }
