package interop_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"time"

	"mpbridge/sysv"
)

// Arguments that make this program another.
const (
	answersLines = "answer-lines"
	waitsAtQueue = "wait-at-queue"
)

// children are what this program can be, by its only argument.
var children = map[string]func(){answersLines: answerLines, waitsAtQueue: waitAtQueue}

// answerLines says "yes" to each line.
func answerLines() {
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println("yes")
	}
}

// waitAtQueue prints what ends a wait for a message that does not come.
func waitAtQueue() {
	q, err := sysv.CreateMessageQueue(sysv.Private, nil)
	if err == nil {
		defer q.Remove()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		_, _, err = q.Receive(ctx, 0)
	}
	fmt.Println(err)
}
