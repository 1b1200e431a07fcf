package server

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
)

// A member of a family is named by whatever can be the key of a dict, and equal keys are one name: 1, 1.0 and
// True. Text stands for itself. Any other name is, in the table and in snapshots,
//
//	NUL, repr() of it as it was said first, NUL, the digest of what the key is compared by
const noText = "\x00"

// memberName returns the name of a member that is not named by text.
func (c *Call) memberName(v any) (string, error) {
	key, err := c.budget().KeyFor(v, values.Hash)
	if err != nil {
		return "", err
	}
	if name, ok := key.(string); ok && !strings.HasPrefix(name, noText) { // text by another name
		return name, nil
	}
	if key != key { // it holds a NaN
		return "", managers.ErrValueError.New("what is not equal to itself cannot name a queue")
	}
	text, err := c.budget().ReprStart(v, values.ReprStyle{Python2: c.Dialect().NativeBytes}, MaxQueueName)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%T %v", key, key))
	text = strings.ReplaceAll(text, noText, "")
	return noText + text + noText + hex.EncodeToString(sum[:16]), nil
}

// memberKey is the part of a name by which members are told apart.
func memberKey(name string) string {
	if strings.HasPrefix(name, noText) {
		return name[strings.LastIndexByte(name, 0):]
	}
	return name
}

// shownMember is a name as reports and patterns have it.
func shownMember(name string) string {
	if text, ok := strings.CutPrefix(name, noText); ok {
		shown, _, _ := strings.Cut(text, noText)
		return shown
	}
	return name
}
