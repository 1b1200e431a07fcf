package server

import "strings"

// Who may call what of the server itself. The methods of objects say it in their tables: see Method.

// accessTable says which roles may call a method.
type accessTable map[string]Role

// getValue is the name under which proxy._getvalue() asks for a copy of the object.
const getValue = "#GETVALUE"

// table turns roles and the methods that they may call, divided by spaces, round.
func table(of map[Role]string) accessTable {
	t := make(accessTable)
	for role, names := range of {
		for name := range strings.FieldsSeq(names) {
			t[name] |= role
		}
	}
	return t
}

var functionAccess = table(map[Role]string{
	everyone:     "accept_connection create decref dummy get_methods incref",
	RoleReadOnly: "debug_info list_clients list_objects list_segments number_of_objects",
	RoleAdmin:    "kill_client release_segment shutdown snapshot track_segment",
})
