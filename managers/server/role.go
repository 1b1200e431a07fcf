package server

import (
	"fmt"
	"strings"
)

// Role is what a key allows, or several roles joined by |. See Key.
type Role uint8

// The roles. The table in the comment of Key says what each of them may do.
const (
	RoleAdmin Role = 1 << iota
	RoleProduce
	RoleConsume
	RoleReadOnly
)

const (
	workers  = RoleProduce | RoleConsume
	everyone = workers | RoleReadOnly
	allRoles = everyone | RoleAdmin
)

var roleNames = [...]string{"admin", "produce", "consume", "read-only"}

// String returns the names of the roles, as ParseRole reads them.
func (r Role) String() string {
	var names []string
	for i, name := range roleNames {
		if r&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, "+")
}

// ParseRole reads "admin", "produce", "consume" or "read-only", or several of them joined by "+".
// The error does not repeat the text.
func ParseRole(text string) (Role, error) {
	var r Role
	for part := range strings.SplitSeq(text, "+") {
		i := 0
		for ; i < len(roleNames) && roleNames[i] != part; i++ {
		}
		if i == len(roleNames) {
			return 0, fmt.Errorf("managers: a role is one of %s", strings.Join(roleNames[:], ", "))
		}
		r |= 1 << i
	}
	return r, nil
}
