// Command soak loads a server for a while with what programs do: queues, leases, dicts and locks, from Go
// and from each Python, in connections that come and go. It prints the requests a second and the memory of
// the server in the first fifth of the time and in the last. It fails where a client failed, and where
// the server ends with more memory, goroutines or descriptors than it had after the first fifth, beyond a
// generous bound; never because of a time.
package main
