package interop_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"mpbridge/synchronize"
)

// envDoomed says to a copy of this program what it does until it is killed.
const envDoomed = "MPBRIDGE_DOOMED"

// doomed is what a copy of this program does that is killed by the tests below: "wait" for an event or "hold" a lock, by
// name. It does not return.
func doomed(what string) {
	what, name, _ := strings.Cut(what, " ")
	ctx := context.Background()
	switch what {
	case "wait":
		event, err := synchronize.OpenEvent(name, nil)
		if err == nil {
			err = event.Wait(ctx)
		}
		fmt.Println(err)
	case "hold":
		lock, err := synchronize.OpenLock(name, nil)
		if err == nil {
			err = lock.Acquire(ctx)
		}
		fmt.Println(err)
		time.Sleep(patience)
	}
	os.Exit(1)
}
