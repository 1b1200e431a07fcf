// Command bench compares mpbridge with CPython's own manager server, side by side in one run: the same
// stock Python client, the same addresses, rounds that alternate so that what the machine does besides
// hits both alike.
//
// Each row gives the time for CPython, the time for mpbridge, and the ratio by which mpbridge is faster (or
// smaller). A time is the mean over the rounds of each round's median call; hand-overs and throughputs are
// medians over the rounds. The column raw, where there is one, is the same bytes over a bare socket and
// back: no server can do better. The column target is what the project set itself; nothing fails where
// it is missed, for times depend on the machine.
//
// Calls of one client on a dict or list are compared with all processes on one processor, and with client and
// server on one each, since that alone makes a factor of two; see site.
//
// The rows about hand-overs (-only handover) compare package reduction with Python's: for CPython, both
// processes are stock Python; for mpbridge, one of them is this program.
//
// Then follow our server alone with 10,000 blocked clients, half of which die, and the throughput of a stock
// producer and consumer while strangers and mutated requests arrive, against that of a calm server.
package main
