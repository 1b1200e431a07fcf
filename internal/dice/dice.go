// Package dice gives tests random numbers that are the same in each run, unless somebody wants others.
package dice

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// Env is the variable that names another seed: a number, or "random" for a new one each time.
const Env = "MPBRIDGE_SEED"

// usual is as good as any.
const usual = 1

// New returns the numbers of one test. What a test has to say it says with their seed, which is in its log.
func New(t testing.TB) *rand.Rand {
	t.Helper()
	seed, err := parse(os.Getenv(Env))
	if err != nil {
		t.Fatalf("%s: %v", Env, err)
	}
	t.Logf("%s=%d", Env, seed)
	return rand.New(rand.NewPCG(seed, 0))
}

func parse(text string) (seed uint64, err error) {
	switch text {
	case "":
		return usual, nil
	case "random":
		return uint64(time.Now().UnixNano()), nil
	}
	return strconv.ParseUint(text, 10, 64)
}
