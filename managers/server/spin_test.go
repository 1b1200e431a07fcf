package server

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/managers/internal/wire"
)

// busyPair is a busy that lets one session look for a millisecond, and a connection to look at.
func busyPair(t *testing.T) (b *spinBudget, conn, peer *connection.Conn) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("this system's sockets are waited for by the runtime alone")
	}
	conn, peer, err := connection.Pipe(&connection.Options{ReadBuffer: wire.SmallMessage})
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = conn.Close()
		_ = peer.Close()
	})
	b = &spinBudget{}
	b.init(time.Millisecond)
	b.most = 1
	return b, conn, peer
}

func TestTheFirstRequestsOfAConnectionAreWaitedFor(t *testing.T) {
	b, conn, peer := busyPair(t)
	require.NoError(t, peer.SendBytes(context.Background(), []byte("request")))
	e := spinner{rest: firstRest}
	for range firstRest {
		assert.False(t, e.spin(b, conn, true))
	}
	assert.True(t, e.spin(b, conn, true))
}

func TestAClientThatPausesIsLookedForLessAndLess(t *testing.T) {
	b, conn, _ := busyPair(t)
	var e spinner
	for misses := 1; misses <= maxMisses+1; misses++ {
		b.crowded.Store(0) // a slow machine may have taken a look for a stall
		assert.False(t, e.spin(b, conn, true))
		assert.Equal(t, 1<<min(misses, maxMisses), e.rest)
		e.rest = 0
	}
}

func TestAClientThatHurriesIsLookedForAgain(t *testing.T) {
	b, conn, peer := busyPair(t)
	e := spinner{misses: maxMisses}
	require.NoError(t, peer.SendBytes(context.Background(), []byte("request")))
	assert.True(t, e.spin(b, conn, true))
	assert.Zero(t, e.misses)
}

func TestNoMoreSessionsLookThanMay(t *testing.T) {
	b, conn, peer := busyPair(t)
	require.NoError(t, peer.SendBytes(context.Background(), []byte("request")))
	b.looking.Store(b.most)
	found, asked := b.spin(conn, time.Millisecond)
	assert.False(t, found || asked)
	b.looking.Store(0)
	found, asked = b.spin(conn, time.Millisecond)
	assert.True(t, found && asked)
	assert.Zero(t, b.looking.Load())
}

func TestNobodyLooksWhereItIsTurnedOff(t *testing.T) {
	_, conn, peer := busyPair(t)
	require.NoError(t, peer.SendBytes(context.Background(), []byte("request")))
	var b spinBudget
	b.init(-1)
	found, asked := b.spin(conn, time.Millisecond)
	assert.False(t, found || asked)
}

func TestLookingRestsLongerTheMoreProcessorsAreWanted(t *testing.T) {
	b := &spinBudget{}
	b.init(time.Millisecond)
	now := 10 * time.Second
	for _, rest := range []time.Duration{leastRest, 2 * leastRest, 4 * leastRest} {
		b.stalled(now)
		assert.Equal(t, now+rest, time.Duration(b.crowded.Load()))
		now = time.Duration(b.crowded.Load()) + time.Millisecond
	}
	for range 20 {
		b.stalled(now)
		now = time.Duration(b.crowded.Load()) + time.Millisecond
	}
	assert.Equal(t, mostRest, b.rest)
	b.stalled(now + time.Minute)
	assert.Equal(t, leastRest, b.rest, "what was long ago is forgotten")
}

func TestNobodyLooksWhileLookingRests(t *testing.T) {
	b, conn, peer := busyPair(t)
	require.NoError(t, peer.SendBytes(context.Background(), []byte("request")))
	b.stalled(time.Since(b.began) + time.Hour)
	found, asked := b.spin(conn, time.Millisecond)
	assert.False(t, found || asked)
}

func TestAClientAloneIsLookedForAsLongAsItTakesToAsk(t *testing.T) {
	var b spinBudget
	b.init(100 * time.Microsecond)
	for gap, want := range map[time.Duration]time.Duration{
		0: 20 * time.Microsecond, 10 * time.Microsecond: 40 * time.Microsecond,
		60 * time.Microsecond: 100 * time.Microsecond, 200 * time.Microsecond: 20 * time.Microsecond,
	} {
		e := spinner{gap: gap}
		assert.Equal(t, want, e.patience(&b, true), gap)
		assert.Equal(t, 20*time.Microsecond, e.patience(&b, false), "others want the processor")
	}
}

func TestAPauseIsForgottenSoon(t *testing.T) {
	e := spinner{gap: 30 * time.Microsecond}
	e.learn(time.Hour)
	for range 16 {
		e.learn(30 * time.Microsecond)
	}
	assert.Less(t, e.gap, 60*time.Microsecond)
}

func TestASessionIsAloneOnceNoOtherWasServedForAWhile(t *testing.T) {
	var b spinBudget
	b.init(0)
	now := b.began
	served := func(session uint64) bool {
		now = now.Add(aloneFor/2 + 1)
		return b.alone(session, now)
	}
	assert.False(t, served(1))
	assert.False(t, served(1))
	assert.True(t, served(1))
	assert.False(t, served(2))
	assert.False(t, served(1), "there is another")
	assert.False(t, served(1))
	assert.True(t, served(1))
}
