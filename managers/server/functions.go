package server

// public are the functions that a connection's first request may name: Server.public in
// Lib/multiprocessing/managers.py, those of SharedMemoryServer, and some of ours. accept_connection
// stands apart: it does not answer and end.
var public = map[string]serverFunction{
	"dummy":             (*session).dummy,
	"create":            (*session).create,
	"incref":            (*session).incref,
	"decref":            (*session).decref,
	"get_methods":       (*session).getMethods,
	"number_of_objects": (*session).numberOfObjects,
	"debug_info":        (*session).debugInfo,
	"shutdown":          (*session).askShutdown,
	"track_segment":     (*session).trackSegment,
	"release_segment":   (*session).releaseSegment,
	"list_segments":     (*session).listSegments,
	"list_objects":      (*session).listObjects,
	"list_clients":      (*session).listClients,
	"kill_client":       (*session).killClient,
	"snapshot":          (*session).snapshot,
}
